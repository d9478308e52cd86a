#include "contrail-client/watch/event_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contrail-client/error.hpp"
#include "tests/unit/contrail-client/notifications.hpp"

namespace contrail::watch {
namespace {

using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* id = "b0000039-3900-4000-8000-000000000000";
const std::string identity = std::string(R"("uuid": ")") + id + R"(", "fq_name": ["n"])";

// Reads streams, and collects the events as texts.
struct Reading {
  explicit Reading(std::vector<Subscription> wanted) : subscriptions(std::move(wanted)) {}

  base::Result<void> feed(std::string_view stream, std::size_t size = 1'000'000) {
    for (std::size_t at = 0; at < stream.size(); at += size) {
      const std::string piece(stream.substr(at, size));
      if (auto fed = reader.feed(piece); !fed) return fed;
    }
    return {};
  }

  std::vector<Subscription> subscriptions;
  std::vector<Event> events;
  std::vector<std::string> texts;
  EventReader reader{subscriptions, [this](Event&& event) {
                       texts.push_back(text_of(event));
                       events.push_back(std::move(event));
                     }};
};

std::vector<Subscription> networks_and_machines() {
  return {{Type::virtual_network, fields_of(Type::virtual_network), {}},
          {Type::virtual_machine, fields_of(Type::virtual_machine), {}}};
}

std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

std::string message_of(const std::string& stream, errc code) {
  Reading reading(networks_and_machines());
  const auto fed = reading.feed(stream);
  EXPECT_FALSE(fed) << stream;
  if (fed) return {};
  EXPECT_EQ(fed.error().code, make_error_code(code)) << fed.error().message;
  return fed.error().message;
}

TEST(WatchRequest, NamesTypesAndFields) {
  const auto request = watch_request(
      {{Type::project, {Field::annotations}, {}}, {Type::floating_ip, {Field::port_mappings, Field::projects}, {}}});
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target,
            "/watch?resource_type=project,floating_ip&project_fields=annotations&floating_ip_fields="
            "floating_ip_port_mappings,floating_ip_port_mappings_enable,project_refs");
}

TEST(EventReader, ReadsTheRecordedStream) {
  Reading reading(test::recorded_subscriptions());
  ASSERT_TRUE(reading.feed(test::recorded_stream()));
  EXPECT_THAT(
      std::vector(reading.texts.begin(), reading.texts.begin() + 5),
      ElementsAre("list of projects", "has project default-domain:default-project 1865a2eb-8d1e-49e8-987f-3f2af0f4d6a7",
                  "all 1", "list of virtual-networks",
                  "has virtual-network default-domain:default-project:__link_local__ "
                  "1a1a64a8-c34a-4235-b5ef-0e1bade29e1f"));
  const auto complete = std::find(reading.texts.begin(), reading.texts.end(), "complete");
  // Nine lists with seven objects.
  EXPECT_EQ(complete - reading.texts.begin(), 9 * 2 + 7);
  ASSERT_NE(complete, reading.texts.end());
  EXPECT_THAT(std::vector(complete + 1, complete + 4),
              ElementsAre("changed project default-domain:w2 a8f4db07-c2a2-433b-94be-acba377549b5",
                          "changed project default-domain:w2 a8f4db07-c2a2-433b-94be-acba377549b5",
                          "changed network-policy default-domain:w2:pol 5e52a679-7ce1-4be3-9f04-94405eab6082"));
  // A project is deleted twice, the first time with null for its name.
  EXPECT_EQ(
      std::count(reading.texts.begin(), reading.texts.end(), "deleted project a8f4db07-c2a2-433b-94be-acba377549b5"),
      2);
  EXPECT_EQ(reading.reader.changes(), 91U);
  EXPECT_TRUE(reading.reader.is_complete());
}

TEST(EventReader, AChangeHasTheWholeObject) {
  Reading reading(test::recorded_subscriptions());
  ASSERT_TRUE(reading.feed(test::recorded_stream()));
  const Object* last = nullptr;
  for (const auto& one : reading.events)
    if (const auto* changed = std::get_if<Changed>(&one))
      if (changed->object.type == Type::floating_ip) last = &changed->object;
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->annotations, (std::map<std::string, std::string>{{"k", "v"}}));
  EXPECT_EQ(last->address->text(), "10.9.0.9");
  ASSERT_EQ(last->interfaces.size(), 1U);
  EXPECT_EQ(last->interfaces[0].to, "default-domain:w2:p");
}

TEST(EventReader, EachCutOfTheRecordedStreamGivesTheSameEvents) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto stream = test::recorded_stream(end);
    Reading whole(test::recorded_subscriptions());
    ASSERT_TRUE(whole.feed(stream));
    for (const std::size_t size : {1U, 2U, 5U, 64U, 4096U}) {
      Reading cut(test::recorded_subscriptions());
      ASSERT_TRUE(cut.feed(stream, size));
      EXPECT_EQ(cut.texts, whole.texts) << size;
    }
  }
}

// Two pieces, for each place between them; over the part of the stream that has each form of event.
TEST(EventReader, EachPlaceOfACutGivesTheSameEvents) {
  const auto stream =
      "\xef\xbb\xbf:\r\n" + event("init", R"({"virtual-networks": [{"virtual-network": {)" + identity + "}}]}") +
      event("init", R"({"virtual-machines": []})") + ":\n\n" +
      event("update", R"({"virtual-network": {)" + identity + R"(, "display_name": "\u00e4"}})") +
      event("delete", std::string(R"({"virtual-machine": {"uuid": ")") + id + R"(", "fq_name": null}})");
  Reading whole(networks_and_machines());
  ASSERT_TRUE(whole.feed(stream));
  ASSERT_EQ(whole.texts.size(), 8U);
  for (std::size_t at = 1; at < stream.size(); ++at) {
    Reading cut(networks_and_machines());
    ASSERT_TRUE(cut.feed(stream.substr(0, at)));
    ASSERT_TRUE(cut.feed(stream.substr(at)));
    EXPECT_EQ(cut.texts, whole.texts) << at;
  }
}

TEST(EventReader, PassesOnTheObjectsOfAListAsTheyArrive) {
  Reading reading(networks_and_machines());
  ASSERT_TRUE(reading.feed(R"(event: init
data: {"virtual-networks": [{)" +
                           identity + "},"));
  EXPECT_THAT(reading.texts, ElementsAre("list of virtual-networks", HasSubstr("has virtual-network n")));
}

// A change counts when its event is complete: the empty line may never come.
TEST(EventReader, AChangeIsSaidAtItsEnd) {
  Reading reading(networks_and_machines());
  ASSERT_TRUE(reading.feed("event: update\ndata: {\"virtual-network\": {" + identity + "}}\n"));
  EXPECT_THAT(reading.texts, IsEmpty());
  ASSERT_TRUE(reading.feed("\n"));
  EXPECT_THAT(reading.texts, ElementsAre(HasSubstr("changed virtual-network n")));
}

TEST(EventReader, DataMayHaveSeveralLines) {
  Reading reading(networks_and_machines());
  ASSERT_TRUE(reading.feed("event: update\ndata: {\ndata: \"virtual-network\":\ndata: {" + identity + "}}\n\n"));
  EXPECT_THAT(reading.texts, ElementsAre(HasSubstr("changed virtual-network n")));
}

TEST(EventReader, LeavesOutWhatIsNotWanted) {
  auto subscriptions = networks_and_machines();
  subscriptions[0].wanted = [](const Uuid&, const Annotations& annotations) {
    return annotations.find("mine") != nullptr;
  };
  Reading reading(subscriptions);
  const auto mine = R"({"virtual-network": {)" + identity +
                    R"(, "annotations": {"key_value_pair": [{"key": "mine", "value": ""}]}}})";
  const auto theirs = R"({"virtual-network": {)" + identity + "}}";
  ASSERT_TRUE(reading.feed(event("init", R"({"virtual-networks": [)" + theirs + "," + mine + "]}") +
                           event("update", theirs) + event("update", mine)));
  EXPECT_THAT(reading.texts, ElementsAre("list of virtual-networks", HasSubstr("has"), "all 2", HasSubstr("changed")));
  EXPECT_EQ(reading.reader.changes(), 2U);
}

TEST(EventReader, AnUnreadableObjectDoesNotEndTheStream) {
  Reading reading(networks_and_machines());
  const auto odd = std::string(R"({"virtual-network": {"uuid": ")") + id + R"(", "fq_name": 7}})";
  ASSERT_TRUE(reading.feed(event("init", R"({"virtual-networks": [)" + odd + "]}") + event("update", odd)));
  EXPECT_THAT(reading.texts,
              ElementsAre("list of virtual-networks", HasSubstr("fq_name: a list expected, found a number"), "all 1",
                          HasSubstr("fq_name: a list expected, found a number")));
  EXPECT_EQ(std::get<Unread>(reading.events[3]).object.part.uuid.text(), id);
}

TEST(EventReader, AnObjectThatIsTooLargeIsUnreadable) {
  Reading reading(networks_and_machines());
  const std::string part(1'000'000, 'x');
  ASSERT_TRUE(reading.feed("event: update\ndata: {\"virtual-network\": {" + identity +
                           R"(, "annotations": {"key_value_pair": [)"));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(reading.feed((i == 0 ? "" : ",") + std::string(R"({"key": ")") + std::to_string(i) +
                             R"(", "value": ")" + part + "\"}"));
  ASSERT_TRUE(reading.feed("]}}}\n\n"));
  EXPECT_THAT(reading.texts, ElementsAre(HasSubstr("larger than")));
}

TEST(EventReader, IgnoresOtherEventsAndTypes) {
  Reading reading(networks_and_machines());
  ASSERT_TRUE(reading.feed(event("news", "<html>") + event("update", R"({"project": 7)") +
                           event("init", R"({"projects": 7)") + "data: 1\n\n"));
  EXPECT_THAT(reading.texts, IsEmpty());
}

TEST(EventReader, AStopEndsTheStream) {
  EXPECT_THAT(message_of(event("stop", R"({"error": "the bus is gone"})"), errc::ended), HasSubstr("the bus is gone"));
}

TEST(EventReader, ContentThatCannotBeTrustedEndsTheStream) {
  EXPECT_THAT(message_of(event("update", R"({"virtual-network": {)"), errc::not_json), HasSubstr("cut short"));
  message_of(event("update", "<html>"), errc::wrong_shape);
  message_of(event("update", ""), errc::wrong_shape);
  message_of(event("update", "{}"), errc::wrong_shape);
  message_of(event("update", std::string(300, ' ')), errc::wrong_shape);
  message_of(event("update", R"({"virtual-network": 7})"), errc::wrong_shape);
  message_of(event("init", R"({"virtual-networks": {}})"), errc::wrong_shape);
  EXPECT_THAT(message_of(event("delete", R"({"virtual-network": {"fq_name": ["n"]}})"), errc::wrong_shape),
              HasSubstr("no uuid"));
}

// Which objects of a list are kept depends on the lists before it.
TEST(EventReader, ListsInAnotherOrderEndTheStream) {
  const auto message = message_of(
      event("init", R"({"virtual-machines": []})") + event("init", R"({"virtual-networks": []})"), errc::wrong_shape);
  EXPECT_THAT(message, HasSubstr("another order"));
}

TEST(EventReader, CompleteComesOnce) {
  Reading reading(networks_and_machines());
  const auto list = event("init", R"({"virtual-machines": []})");
  const auto first = event("init", R"({"virtual-networks": []})");
  ASSERT_TRUE(reading.feed(first + first));
  EXPECT_FALSE(reading.reader.is_complete());
  ASSERT_TRUE(reading.feed(list + first + list));
  EXPECT_EQ(std::count(reading.texts.begin(), reading.texts.end(), "complete"), 1);
}

}  // namespace
}  // namespace contrail::watch
