#include "controller/log/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "controller/log/names.hpp"
#include "controller/log/render.hpp"

namespace knm::log {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// 2026-01-02T03:04:05.678Z
constexpr std::chrono::system_clock::time_point moment{std::chrono::milliseconds(1'767'323'045'678)};

Record record(std::string_view message, Fields fields, Level level = Level::info) {
  return {moment, level, "executor", message, {fields.begin(), fields.size()}};
}

std::string text(std::string_view message, Fields fields = {}, Level level = Level::info) {
  return text_line(record(message, fields, level), false);
}

nlohmann::json json(std::string_view message, Fields fields = {}) {
  return nlohmann::json::parse(json_line(record(message, fields)));
}

TEST(LogText, HasColumns) {
  EXPECT_EQ(text("annotated pod", {{"pod", "shop/cart-1"}, {"ip", "10.0.0.5"}}),
            "2026-01-02T03:04:05.678Z INFO    executor     annotated pod                        pod=shop/cart-1 "
            "ip=10.0.0.5");
  EXPECT_EQ(text("ready"), "2026-01-02T03:04:05.678Z INFO    executor     ready");
  EXPECT_THAT(text("x", {}, Level::warning), HasSubstr("Z WARNING executor "));
}

TEST(LogText, QuotesAmbiguousValues) {
  EXPECT_THAT(text("m", {{"k", "two words"}}), EndsWith(R"( k="two words")"));
  EXPECT_THAT(text("m", {{"k", ""}}), EndsWith(R"( k="")"));
  EXPECT_THAT(text("m", {{"k", "a=b"}}), EndsWith(R"( k="a=b")"));
  EXPECT_THAT(text("m", {{"k", "say \"hi\""}}), EndsWith(R"( k="say \"hi\"")"));
  EXPECT_THAT(text("m", {{"k", "netzwerk-größe"}}), EndsWith(" k=netzwerk-größe"));
}

TEST(LogText, IsAlwaysOneLine) {
  const auto line = text("first\nsecond", {{"k", "x\r\n2026 ERROR forged"},
                                           {"esc", "\x1b[2J"},
                                           {"c1",
                                            "\xC2\x9B"
                                            "2J"}});
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_EQ(line.find("\xC2\x9B"), std::string::npos);
  EXPECT_THAT(line, HasSubstr(R"(first\nsecond)"));
  EXPECT_THAT(line, HasSubstr(R"(k="x\r\n2026 ERROR forged")"));
  EXPECT_THAT(line, HasSubstr(R"(esc="\u001b[2J")"));
}

TEST(LogText, HasColoursOnlyIfRequested) {
  EXPECT_EQ(text_line(record("m", {{"k", 1}}), false).find('\x1b'), std::string::npos);
  const auto coloured = text_line(record("m", {{"k", 1}}, Level::error), true);
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mERROR"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[0m"));
}

TEST(LogJson, HasTheNamedMembers) {
  EXPECT_EQ(json_line(record("annotated pod", {{"pod", "shop/cart-1"}, {"tries", 3}, {"ok", true}})),
            R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","logger":"executor","msg":"annotated pod",)"
            R"("pod":"shop/cart-1","tries":3,"ok":true})");
}

TEST(LogJson, SupportsEveryKindOfValue) {
  const auto line = json("m", {{"big", std::numeric_limits<std::uint64_t>::max()},
                               {"small", std::numeric_limits<std::int64_t>::min()},
                               {"part", 0.25},
                               {"nan", std::numeric_limits<double>::quiet_NaN()},
                               {"no", false},
                               {"text", std::string("t")}});
  EXPECT_EQ(line["big"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(line["small"], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(line["part"], 0.25);
  EXPECT_EQ(line["nan"], "nan");
  EXPECT_EQ(line["no"], false);
  EXPECT_EQ(line["text"], "t");
}

TEST(LogJson, TextRoundTrips) {
  std::string every_ascii;
  for (char c = 0; c < 127; ++c) every_ascii += c;
  for (const auto& value :
       {every_ascii + '\x7f', std::string("größe 網路 😀"), std::string("\"\\/\b\f\n\r\t"), std::string()}) {
    EXPECT_EQ(json("m", {{"k", value}})["k"], value);
    EXPECT_EQ(json(value)["msg"], value);
  }
}

TEST(LogJson, InvalidUtf8IsReplaced) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(json("m", {{"k",
                        "a\xff"
                        "b"}})["k"],
            "a" + replacement + "b");
  EXPECT_EQ(json("m", {{"k", "\xC0\xAF"}})["k"], replacement + replacement);                    // overlong
  EXPECT_EQ(json("m", {{"k", "\xED\xA0\x80"}})["k"], replacement + replacement + replacement);  // a surrogate
  EXPECT_EQ(json("m", {{"k", "\xF4\x90\x80\x80"}})["k"],
            replacement + replacement + replacement + replacement);                        // above U+10FFFF
  EXPECT_EQ(json("m", {{"k", "end \xE2\x82"}})["k"], "end " + replacement + replacement);  // cut off
}

TEST(LogJson, FieldsCannotReplaceTheFixedMembers) {
  const auto line = json("real", {{"msg", "forged"}, {"level", "off"}});
  EXPECT_EQ(line["msg"], "real");
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["field_msg"], "forged");
}

TEST(LogNames, NamesRoundTrip) {
  for (const auto level : {Level::trace, Level::debug, Level::info, Level::warning, Level::error, Level::off}) {
    EXPECT_EQ(level_named(name(level)), level);
  }
  EXPECT_EQ(level_named("INFO"), std::nullopt);
  EXPECT_EQ(format_named(name(Format::json)), Format::json);
  EXPECT_EQ(format_named(name(Format::text)), Format::text);
}

// Captures the lines of the process-wide log.
class LogStream : public testing::Test {
 protected:
  LogStream() {
    set_output([this](std::string_view line) { lines_.emplace_back(line); });
    set_format(Format::json);
    set_level(Level::info);
  }
  ~LogStream() override {
    set_output(nullptr);
    set_format(Format::text);
    set_level(Level::info);
    set_level("chatty", Level::info);
  }

  std::vector<std::string> messages() const {
    std::vector<std::string> result;
    result.reserve(lines_.size());
    for (const auto& line : lines_) result.push_back(nlohmann::json::parse(line)["msg"]);
    return result;
  }

  std::vector<std::string> lines_;
};

TEST_F(LogStream, LevelsChangeAtRunTime) {
  debug("one");
  set_level(Level::debug);
  debug("two");
  set_level(Level::error);
  warning("three");
  error("four");
  set_level(Level::off);
  error("five");
  EXPECT_THAT(messages(), ElementsAre("two", "four"));
}

TEST_F(LogStream, TheLevelOfAComponentWins) {
  constexpr Logger chatty("chatty");
  set_level("chatty", Level::warning);
  chatty.info("one");
  info("two");
  set_level(Level::off);
  chatty.warning("three");
  EXPECT_THAT(messages(), ElementsAre("two", "three"));
  EXPECT_TRUE(chatty.enabled(Level::error));
  EXPECT_FALSE(general.enabled(Level::error));
}

TEST_F(LogStream, FieldsMayComeFromAList) {
  const std::vector<Field> fields = {{"a", 1}, {"b", "two"}};
  general.write_fields(Level::info, "listed", fields);
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_.front(), EndsWith(R"("msg":"listed","a":1,"b":"two"})"));
}

TEST_F(LogStream, LinesOfSeveralThreadsDoNotMix) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 250; ++i) info("line", {{"thread", t}, {"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(messages(), std::vector<std::string>(1000, "line"));
}

}  // namespace
}  // namespace knm::log
