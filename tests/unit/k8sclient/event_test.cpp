#include "k8sclient/api/event.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "k8sclient/api/dump.hpp"

namespace k8s {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Event an_event() {
  Event event;
  event.name = "web.1a2b";
  event.regarding = {"v1", "Service", "shop", "web", "u-1"};
  event.warning = true;
  event.reason = "AddressInUse";
  event.action = "Networking";
  event.note = "192.0.2.1 is taken; use another";
  event.reporting_controller = "example.org/controller";
  event.reporting_instance = "node-1";
  event.time = WallTime(1'767'323'045s + 6us);
  return event;
}

TEST(Events, ABodyHasAllRequiredFields) {
  EXPECT_EQ(json::parse(event_body(an_event())), json::parse(R"({"apiVersion":"events.k8s.io/v1","kind":"Event",
                            "metadata":{"namespace":"shop","name":"web.1a2b"},
                            "eventTime":"2026-01-02T03:04:05.000006Z",
                            "reportingController":"example.org/controller","reportingInstance":"node-1",
                            "action":"Networking","reason":"AddressInUse","type":"Warning",
                            "note":"192.0.2.1 is taken; use another",
                            "regarding":{"apiVersion":"v1","kind":"Service","namespace":"shop","name":"web","uid":"u-1"}})"));
}

TEST(Events, EventsOfClusterScopedObjectsAreInTheNamespaceDefault) {
  auto event = an_event();
  event.regarding = {"v1", "Namespace", "", "shop", "u-2"};
  event.warning = false;
  const auto body = json::parse(event_body(event));
  EXPECT_EQ(body["metadata"]["namespace"], "default");
  EXPECT_FALSE(body["regarding"].contains("namespace"));
  EXPECT_EQ(body["type"], "Normal");
}

// The text is that of a document with sorted members.
TEST(Events, ABodyIsTheTextOfItsDocument) {
  auto event = an_event();
  event.note = "tab\t, quote \", backslash \\, control \x01, umlaut \xc3\xa4, \xff";
  for (const auto* uid : {"u-1", ""}) {
    event.regarding.uid = uid;
    const auto text = event_body(event);
    EXPECT_EQ(text, dump(json::parse(text)));
  }
  EXPECT_NE(event_body(event).find(R"(tab\t, quote \", backslash \\, control \u0001, umlaut ä, �)"), std::string::npos);
}

TEST(Events, APatchContainsOnlyTheSeries) {
  EXPECT_EQ(series_patch({3, WallTime(1'767'323'045s + 999'999us)}),
            R"({"series":{"count":3,"lastObservedTime":"2026-01-02T03:04:05.999999Z"}})");
}

TEST(Events, TimesHaveMicrosecondsAndMayBeBeforeTheEpoch) {
  EXPECT_EQ(micro_time(WallTime(std::chrono::duration_cast<WallTime::duration>(1999ns))),
            "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(micro_time(WallTime(-1us)), "1969-12-31T23:59:59.999999Z");
}

TEST(Events, TheCountComesFromTheSeries) {
  EXPECT_EQ(event_count(R"({"kind":"Event"})"), 1u);
  EXPECT_EQ(event_count(R"({"kind":"Event","series":null})"), 1u);
  EXPECT_EQ(event_count(R"({"kind":"Event","series":{"count":7}})"), 7u);
  EXPECT_EQ(event_count(R"({"kind":"Event","series":{"count":"x"}})"), 1u);
  EXPECT_EQ(event_count(R"({"kind":"Status"})"), 0u);
  EXPECT_EQ(event_count("garbage"), 0u);
}

TEST(Events, ANoteIsCutBetweenCharacters) {
  EXPECT_EQ(fit_note("short"), "short");
  EXPECT_EQ(fit_note(std::string(1024, 'x')), std::string(1024, 'x'));
  EXPECT_EQ(fit_note(std::string(1025, 'x')), std::string(1021, 'x') + "…");
  std::string umlauts = "x";
  while (umlauts.size() < 1100) umlauts += "ü";
  const auto cut = fit_note(umlauts);
  EXPECT_EQ(cut.size(), 1024u);
  EXPECT_NO_THROW(json(cut).dump()) << "the note is cut inside a character";
  while (umlauts.size() % 2 == 1) umlauts.insert(0, "x");
  EXPECT_NO_THROW(json(fit_note(umlauts)).dump());
}

TEST(Events, InvalidUtf8DoesNotThrow) {
  auto event = an_event();
  event.note = "\xff";
  EXPECT_NO_THROW(event_body(event));
}

}  // namespace
}  // namespace k8s
