#include "contrail-client/answer/list_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contrail-client/codec.hpp"
#include "contrail-client/error.hpp"
#include "tests/unit/contrail-client/objects.hpp"

namespace contrail {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Outcome {
  std::vector<Object> objects;
  std::optional<base::Error> error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Parses the whole answer in pieces of `size` bytes.
Outcome parse(Type type, std::string_view text, std::size_t size, const ListParser::Filter& filter = {}) {
  Outcome outcome;
  ListParser parser{type, [&](Object&& object) { outcome.objects.push_back(std::move(object)); }, filter};
  for (std::size_t at = 0; at < text.size(); at += size) {
    // Each piece has its own buffer, so that a sanitizer detects a read beyond its end or a view that is kept.
    const std::string piece{text.substr(at, size)};
    if (const auto fed = parser.feed(piece); !fed) {
      outcome.error = fed.error();
      return outcome;
    }
  }
  if (const auto finished = parser.finish(); !finished) outcome.error = finished.error();
  return outcome;
}

Outcome parse(Type type, std::string_view text) { return parse(type, text, text.size() + 1); }

std::string message_of(Type type, std::string_view text, errc code) {
  const auto outcome = parse(type, text);
  EXPECT_TRUE(outcome.error) << text;
  if (!outcome.error) return {};
  EXPECT_EQ(outcome.error->code, make_error_code(code)) << outcome.error->message;
  return outcome.error->message;
}

const std::string id = R"("uuid": "b0000039-3900-4000-8000-000000000000", "fq_name": ["n"])";

TEST(ListParser, ReadsTheRecordedLists) {
  const auto addresses = parse(Type::instance_ip, test::recorded("GET", "pod addresses in use").answer.dump());
  ASSERT_FALSE(addresses.error) << addresses.error->message;
  ASSERT_EQ(addresses.objects.size(), 6U);
  EXPECT_EQ(addresses.objects[0].address->text(), "10.0.1.1");

  const auto projects = parse(Type::project, test::recorded("GET", "marked projects").answer.dump());
  ASSERT_FALSE(projects.error) << projects.error->message;
  ASSERT_EQ(projects.objects.size(), 4U);
  EXPECT_TRUE(projects.objects[0].annotations.empty());
  EXPECT_EQ(projects.objects[2].annotations.at("opencontrail.org/object"), "gb");

  const auto detailed = parse(Type::floating_ip, test::recorded("GET", "floating-ips of guestbook").answer.dump());
  ASSERT_FALSE(detailed.error) << detailed.error->message;
  ASSERT_EQ(detailed.objects.size(), 1U);
  EXPECT_EQ(detailed.objects[0].interfaces.size(), 3U);
  EXPECT_TRUE(detailed.objects[0].port_mappings_enable);
}

TEST(ListParser, AcceptsAPageMarkerAndAnEmptyList) {
  EXPECT_EQ(parse(Type::project, R"({"projects": [], "marker": null})"), Outcome{});
  EXPECT_EQ(parse(Type::project, R"( { "marker" : "x", "projects" : [ ] } )"
                                 "\r\n"),
            Outcome{});
  EXPECT_EQ(parse(Type::project, R"({"projects": [{)" + id + R"(}], "marker": {"a": [1, 2]}})").objects.size(), 1U);
}

TEST(ListParser, AnInvalidListIsAnError) {
  EXPECT_EQ(message_of(Type::project, R"({"projects": {"count": 4}})", errc::wrong_shape),
            "list of projects: projects: a list expected, found an object");
  EXPECT_EQ(message_of(Type::project, R"({"virtual-networks": []})", errc::wrong_shape),
            "list of projects: has no member \"projects\"");
  EXPECT_EQ(message_of(Type::project, R"({"projects": [{)" + id + R"(}, 5]})", errc::wrong_shape),
            "list of projects: projects[1]: an object expected, found a number");
  EXPECT_EQ(
      message_of(Type::project, R"({"projects": [{)" + id + R"(, "annotations": {"key_value_pair": [{"key": 1}]}}]})",
                 errc::wrong_shape),
      "list of projects: projects[0].annotations.key_value_pair[].key: text expected, found a number");
  EXPECT_EQ(message_of(Type::project, R"({"projects": [{}]})", errc::wrong_shape),
            "list of projects: projects: the object has no uuid");
  EXPECT_EQ(message_of(Type::project, "", errc::not_json), "list of projects: the body is empty");
  EXPECT_THAT(message_of(Type::project, "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>", errc::not_json),
              HasSubstr("near: <!DOCTYPE html> <html><body>502 Bad Gateway</body></html>"));
  EXPECT_THAT(message_of(Type::project, R"({"projects": []}, {"projects": []})", errc::not_json),
              HasSubstr("text after the end: , {"));
  EXPECT_THAT(message_of(Type::project, "{\"projects\": [{\"uuid\": \"\xff\xfe\"}]}", errc::not_json),
              HasSubstr("near:   \"}]}"));  // invalid bytes are not repeated
}

// The server does not validate mappings. An invalid mapping must differ from every mapping that the controller writes.
TEST(ListParser, AnInvalidMappingIsReadAsAnEmptyMapping) {
  const auto mappings = [](const std::string& elements) {
    const auto outcome =
        parse(Type::floating_ip, R"({"floating-ips": [{)" + id +
                                     R"(, "floating_ip_port_mappings": {"port_mappings": [)" + elements + "]}}]}");
    EXPECT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(outcome.objects.size(), 1U) << elements;
    return outcome.objects.empty() ? std::vector<PortMapping>{} : outcome.objects[0].port_mappings;
  };
  const PortMapping invalid, good{"tcp", 80, 8080};
  const std::string after = R"(, {"protocol": "tcp", "src_port": 80, "dst_port": 8080})";
  for (const std::string element :
       {R"("x")", "7", "7.5", "true", "null", "[]", "[[1], {}]", "{}", R"({"src_port": "80"})",
        R"({"protocol": "tcp", "src_port": 80, "dst_port": "8080"})", R"({"protocol": 6, "src_port": 80})",
        R"({"protocol": "tcp", "src_port": 80, "dst_port": 8080.5})",
        R"({"protocol": {"a": [1]}, "src_port": [80], "dst_port": true})",
        R"({"dst_port": {"src_port": 80}, "protocol": "tcp", "src_port": 80})"})
    EXPECT_EQ(mappings(element + after), (std::vector<PortMapping>{invalid, good})) << element;
  EXPECT_EQ(mappings(std::string(900, '[') + std::string(900, ']') + after), (std::vector<PortMapping>{invalid, good}));
  EXPECT_EQ(mappings("{\"" + std::string(50000, 'k') + "\": 1}" + after), (std::vector<PortMapping>{invalid, good}));
  std::string wide = "{";
  for (int i = 0; i < 20000; ++i) wide += "\"" + std::to_string(i) + "\": 1, ";
  EXPECT_EQ(mappings(wide + "\"z\": 1}" + after), (std::vector<PortMapping>{invalid, good}));
}

struct Reading {
  std::vector<FqName> names;
  std::vector<Unreadable> unreadable;
  std::string error;
};

Reading read_all(Type type, const std::string& text, std::size_t size) {
  Reading out;
  ListParser parser{type,
                    [&](Object&& object) { out.names.push_back(object.fq_name); },
                    {},
                    [&](Unreadable&& object) { out.unreadable.push_back(std::move(object)); }};
  for (std::size_t at = 0; at < text.size() && out.error.empty(); at += size)
    if (const auto fed = parser.feed(std::string_view{text}.substr(at, size)); !fed) out.error = fed.error().message;
  if (out.error.empty())
    if (const auto finished = parser.finish(); !finished) out.error = finished.error().message;
  return out;
}

std::string list_around(const std::string& element) {
  const auto good = [](const std::string& name) {
    return R"({"uuid": "b0000001-0000-4000-8000-000000000000", "fq_name": [")" + name + "\"]}";
  };
  return R"({"virtual-networks": [)" + good("a") + ", " + element + ", " + good("z") + "]}";
}

// `element` is between two readable objects; the text arrives at once and byte by byte.
std::string why_of(const std::string& element, const std::string& uuid, const std::string& name) {
  std::string why;
  for (const std::size_t size : {std::size_t{1} << 30, std::size_t{1}}) {
    if (size == 1 && element.size() > 10000) continue;
    const auto reading = read_all(Type::virtual_network, list_around(element), size);
    EXPECT_EQ(reading.error, "") << element;
    EXPECT_EQ(reading.names, (std::vector<FqName>{"a", "z"})) << element;
    EXPECT_EQ(reading.unreadable.size(), 1U) << element;
    if (reading.unreadable.empty()) return "";
    const auto& [part, what] = reading.unreadable.front();
    EXPECT_EQ(part.type, Type::virtual_network);
    EXPECT_EQ(part.uuid.is_nil() ? "" : part.uuid.text(), uuid) << element;
    EXPECT_EQ(part.fq_name, name) << element;
    why = what;
  }
  return why;
}

TEST(ListParser, AnUnreadableObjectDoesNotAffectOthers) {
  const std::string uuid = "b0000039-3900-4000-8000-000000000000";
  const std::string place = "virtual-networks[1]";
  EXPECT_EQ(why_of("5", "", ""), place + ": an object expected, found a number");
  EXPECT_EQ(why_of(R"([[{"a": 1}], 2])", "", ""), place + ": an object expected, found a list");
  EXPECT_EQ(why_of("{}", "", ""), place + ": the object has no uuid");
  EXPECT_EQ(why_of("{\"uuid\": \"" + uuid + "\"}", uuid, ""), place + ": the object has no fq_name");
  EXPECT_EQ(why_of(R"({"uuid": "B0", "fq_name": ["n"]})", "", "n"),
            place + ".uuid: a uuid expected (8-4-4-4-12, lower case)");
  // The members behind the invalid one are read.
  EXPECT_EQ(why_of(R"({"display_name": {"a": [5]}, )" + id + "}", uuid, "n"),
            place + ".display_name: text expected, found an object");
  EXPECT_EQ(why_of(R"({"virtual-network": {"network_ipam_refs": [{"attr": {"ipam_subnets": [{"subnet":
                   {"ip_prefix": 10, "ip_prefix_len": 1.5}}]}}], )" +
                       id + "}}",
                   uuid, "n"),
            place +
                ".virtual-network.network_ipam_refs[].attr.ipam_subnets[].subnet.ip_prefix: text expected, found a "
                "number");
  EXPECT_EQ(why_of(R"({"virtual-network": 7})", "", ""),
            place + ".virtual-network: an object expected, found a number");
}

TEST(ListParser, AnObjectThatIsTooLargeDoesNotAffectOthers) {
  std::string large = "{" + id + R"(, "annotations": {"key_value_pair": [{"key": "k", "value": "v"})";
  while (large.size() < 20U << 20) large += R"(,{"key": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "value": "v"})";
  EXPECT_THAT(why_of(large + "]}}", "b0000039-3900-4000-8000-000000000000", "n"), HasSubstr("larger than 16777216"));
}

TEST(ListParser, InvalidJsonIsAnErrorDespiteAnUnreadableSink) {
  const auto text = list_around("5");
  EXPECT_THAT(read_all(Type::virtual_network, text.substr(0, text.size() - 3), 7).error, HasSubstr("cut short"));
  EXPECT_THAT(read_all(Type::virtual_network, "<html>", 7).error, HasSubstr("near: <html>"));
  EXPECT_THAT(read_all(Type::virtual_network, R"({"virtual-networks": 5})", 7).error, HasSubstr("a list expected"));
}

TEST(ListParser, AnErrorStays) {
  ListParser parser{Type::project, [](Object&&) { FAIL() << "there is no object"; }};
  const auto first = parser.feed("<html>");
  ASSERT_TRUE(first.has_error());
  EXPECT_EQ(parser.feed(R"({"projects": []})").error(), first.error());
  EXPECT_EQ(parser.finish().error(), first.error());
}

TEST(ListParser, DepthAndLengthsAreLimited) {
  const std::string deep(1300, '[');
  EXPECT_THAT(message_of(Type::project, R"({"x": )" + deep, errc::too_large), HasSubstr("too deep"));
  EXPECT_THAT(message_of(Type::project, "{\"" + std::string(5 << 20, 'k') + "\": 1}", errc::too_large),
              HasSubstr("key"));
  EXPECT_THAT(message_of(Type::project, R"({"projects": [{"href": ")" + std::string(5 << 20, 'x'), errc::too_large),
              HasSubstr("string"));
  std::string many = R"({"projects": [{"annotations": {"key_value_pair": [)";
  while (many.size() < 20U << 20) many += R"({"key": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "value": "v"},)";
  EXPECT_THAT(message_of(Type::project, many, errc::too_large), HasSubstr("larger than 16777216 bytes"));
}

TEST(ListParser, AFilterSeesIdAndAnnotations) {
  const std::string text = R"({"virtual-machines": [
      {"uuid": "b0000001-0000-4000-8000-000000000000", "fq_name": ["a"], "annotations": {"key_value_pair": [
        {"key": "owner", "value": "us"}]}},
      {"uuid": "b0000002-0000-4000-8000-000000000000", "fq_name": ["b"], "annotations": {"key_value_pair": [
        {"value": "them", "key": "owner"}, {"key": "other", "value": "x"}]}},
      {"uuid": "b0000003-0000-4000-8000-000000000000", "fq_name": ["c"]},
      {"fq_name": ["d"], "uuid": "b0000004-0000-4000-8000-000000000000", "annotations": {}}]})";
  const auto known = *Uuid::parse("b0000004-0000-4000-8000-000000000000");
  std::vector<std::size_t> sizes;
  const auto outcome = parse(Type::virtual_machine, text, 7, [&](const Uuid& uuid, const Annotations& annotations) {
    sizes.push_back(annotations.size());
    const auto* owner = annotations.find("owner");
    return uuid == known || (owner != nullptr && *owner == "us");
  });
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2, 0, 0}));
  ASSERT_EQ(outcome.objects.size(), 2U);
  EXPECT_EQ(outcome.objects[0].fq_name, "a");
  EXPECT_EQ(outcome.objects[0].annotations, (std::map<std::string, std::string>{{"owner", "us"}}));
  EXPECT_EQ(outcome.objects[1].fq_name, "d");
  EXPECT_TRUE(outcome.objects[1].annotations.empty());
}

// An answer with these objects, plain or in the form of `detail=true`.
std::string render(Type type, const std::vector<Object>& objects, bool detail) {
  json list = json::array();
  for (const auto& object : objects) {
    const auto wrapped = json::parse(create(object).body);
    list.push_back(detail ? wrapped : wrapped.at(std::string{name(type)}));
  }
  return json{{std::string{plural(type)}, std::move(list)}}.dump();
}

struct Sample {
  Type type;
  std::vector<Object> objects;
  std::string text;
};

Sample any_sample() {
  Sample sample{.type = test::any_type(), .objects = {}, .text = {}};
  const auto size = *rc::gen::inRange(0, 4);
  // nlohmann/json sorts members, so the raw texts must be in its order.
  for (int i = 0; i < size; ++i) {
    auto object = test::any_object(sample.type);
    for (auto& reference : object.ipams)
      for (auto& subnet : reference.subnets)
        if (!subnet.raw.empty()) subnet.raw = json::parse(subnet.raw).dump();
    for (auto& rule : object.rules)
      if (!rule.raw.empty()) rule.raw = json::parse(rule.raw).dump();
    sample.objects.push_back(std::move(object));
  }
  sample.text = render(sample.type, sample.objects, *rc::gen::arbitrary<bool>());
  return sample;
}

RC_GTEST_PROP(ListParser, ReturnsTheObjectsOfTheList, ()) {
  const auto sample = any_sample();
  const auto outcome = parse(sample.type, sample.text);
  if (outcome.error) RC_FAIL(outcome.error->message + " in " + sample.text);
  RC_ASSERT(outcome.objects == sample.objects);
}

RC_GTEST_PROP(ListParser, TheResultDoesNotDependOnThePieces, ()) {
  const auto sample = any_sample();
  RC_ASSERT(parse(sample.type, sample.text, 1) == parse(sample.type, sample.text));
  const auto piece = static_cast<std::size_t>(*rc::gen::inRange(2, 100));
  RC_ASSERT(parse(sample.type, sample.text, piece) == parse(sample.type, sample.text));
}

// A cut at any byte is an error, after the objects that were complete.
RC_GTEST_PROP(ListParser, EveryTruncationIsAnError, ()) {
  const auto sample = any_sample();
  for (std::size_t size = 0; size < sample.text.size(); ++size) {
    const auto outcome = parse(sample.type, std::string_view{sample.text}.substr(0, size));
    RC_ASSERT(outcome.error.has_value());
    RC_ASSERT(outcome.error->code == make_error_code(errc::not_json));
    RC_ASSERT(outcome.objects.size() <= sample.objects.size());
    for (std::size_t i = 0; i < outcome.objects.size(); ++i) RC_ASSERT(outcome.objects[i] == sample.objects[i]);
  }
}

// A changed byte may give objects or an error, but never a crash.
RC_GTEST_PROP(ListParser, SurvivesDamage, ()) {
  auto text = any_sample().text;
  const auto type = test::any_type();
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  const auto outcome = parse(type, text, 64);
  if (outcome.error) RC_ASSERT(!outcome.error->message.empty());
  const auto at_once = read_all(type, text, text.size()), in_bytes = read_all(type, text, 1);
  RC_ASSERT(at_once.names == in_bytes.names);
  RC_ASSERT(at_once.unreadable.size() == in_bytes.unreadable.size());
  RC_ASSERT(at_once.error.empty() == in_bytes.error.empty());
}

// Except for the excerpt in its message, the error of a damaged list does not depend on the pieces.
RC_GTEST_PROP(ListParser, TheErrorDoesNotDependOnThePieces, ()) {
  auto sample = any_sample();
  sample.text[*rc::gen::inRange<std::size_t>(0, sample.text.size())] = *rc::gen::arbitrary<char>();
  const auto at_once = parse(sample.type, sample.text);
  const auto in_bytes = parse(sample.type, sample.text, 1);
  RC_ASSERT(at_once.error.has_value() == in_bytes.error.has_value());
  RC_ASSERT(at_once.objects == in_bytes.objects);
  if (at_once.error) RC_ASSERT(at_once.error->code == in_bytes.error->code);
}

}  // namespace
}  // namespace contrail
