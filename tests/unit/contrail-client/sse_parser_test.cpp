#include "contrail-client/watch/sse_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contrail-client/error.hpp"
#include "tests/unit/contrail-client/notifications.hpp"

namespace contrail::watch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Each event as "name: data".
struct Heard final : SseParser::Handler {
  base::Result<void> begin(std::string_view name) override {
    present = std::string(name) + ": ";
    return {};
  }
  base::Result<void> data(std::string_view part) override {
    present += part;
    longest_part = std::max(longest_part, part.size());
    return {};
  }
  base::Result<void> end() override {
    events.push_back(std::exchange(present, {}));
    return {};
  }

  std::vector<std::string> events;
  std::string present;
  std::size_t longest_part = 0;
};

base::Result<void> feed(SseParser& parser, std::string_view stream, std::size_t size) {
  for (std::size_t at = 0; at < stream.size(); at += size) {
    // Each piece has its own buffer, so that a sanitizer detects a view that is kept.
    const std::string piece(stream.substr(at, size));
    if (auto fed = parser.feed(piece); !fed) return fed;
  }
  return {};
}

std::vector<std::string> events_of(std::string_view stream, std::size_t size = 1'000'000) {
  Heard heard;
  SseParser parser(heard);
  EXPECT_TRUE(feed(parser, stream, size));
  return heard.events;
}

errc error_of(std::string_view stream) {
  Heard heard;
  SseParser parser(heard);
  const auto fed = parser.feed(stream);
  EXPECT_FALSE(fed) << stream;
  if (fed) return {};
  const auto again = parser.feed("data: x\n\n");
  EXPECT_FALSE(again);
  EXPECT_EQ(again.error().message, fed.error().message);
  EXPECT_THAT(heard.events, IsEmpty());
  return static_cast<errc>(fed.error().code.value());
}

TEST(SseParser, ReadsAnEvent) {
  EXPECT_THAT(events_of("event: update\ndata: {}\n\n"), ElementsAre("update: {}"));
  EXPECT_THAT(events_of("event:update\ndata:{}\n\n"), ElementsAre("update: {}"));
  EXPECT_THAT(events_of("event:  update\ndata:  {}\n\n"),
              ElementsAre(" update:  {}"));  // one space belongs to the form
}

TEST(SseParser, JoinsLinesOfData) {
  EXPECT_THAT(events_of("data: a\ndata\ndata:\ndata: b\n\n"), ElementsAre("message: a\n\n\nb"));
}

TEST(SseParser, EndsLinesInThreeWays) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto stream = "event: a" + end + "data: 1" + end + "data: 2" + end + end + "data: 3" + end + end;
    for (std::size_t size = 1; size <= stream.size(); ++size)
      EXPECT_THAT(events_of(stream, size), ElementsAre("a: 1\n2", "message: 3")) << size;
  }
  EXPECT_THAT(events_of("data: 1\r\n\r\ndata: 2\n\rdata: 3\r\r"),
              ElementsAre("message: 1", "message: 2", "message: 3"));
}

TEST(SseParser, IgnoresCommentsAndOtherFields) {
  EXPECT_THAT(events_of(": hello\nid: 7\nretry: 10\nevents: x\ndatas: x\neven: x\ndata: 1\n:\n\n"),
              ElementsAre("message: 1"));
}

TEST(SseParser, CountsComments) {
  Heard heard;
  SseParser parser(heard);
  ASSERT_TRUE(parser.feed(":\n\n: a\n:"));
  EXPECT_EQ(parser.comments(), 3U);
  EXPECT_THAT(heard.events, IsEmpty());
}

TEST(SseParser, SkipsAByteOrderMarkAtTheBeginning) {
  const std::string mark = "\xef\xbb\xbf";
  EXPECT_THAT(events_of(mark + "data: 1\n\n", 1), ElementsAre("message: 1"));
  EXPECT_THAT(events_of(mark + mark + "data: 1\n\ndata: 2\n\n", 1), ElementsAre("message: 2"));
  EXPECT_THAT(events_of("\xef\xbb"
                        "data: 1\n\ndata: 2\n\n",
                        1),
              ElementsAre("message: 2"));
}

TEST(SseParser, NoDataIsNoEvent) {
  EXPECT_THAT(events_of("event: update\n\n\n\ndata: 1\n\n"), ElementsAre("message: 1"));
}

TEST(SseParser, AnEventThatIsCutShortIsNone) { EXPECT_THAT(events_of("event: update\ndata: {}\n"), IsEmpty()); }

TEST(SseParser, TheLastNameBeforeTheDataCounts) {
  EXPECT_THAT(events_of("event: a\nevent: b\ndata: 1\n\n"), ElementsAre("b: 1"));
  EXPECT_THAT(events_of("event: a\nevent\ndata: 1\n\n"), ElementsAre("message: 1"));
}

TEST(SseParser, ANameAfterTheDataIsAnError) { EXPECT_EQ(error_of("data: 1\nevent: a\n\n"), errc::wrong_shape); }

TEST(SseParser, ALongNameIsAnError) {
  const std::string longest(SseParser::max_name, 'x');
  EXPECT_THAT(events_of("event: " + longest + "\ndata: 1\n\n"), ElementsAre(longest + ": 1"));
  EXPECT_EQ(error_of("event: " + longest + "x\ndata: 1\n\n"), errc::too_large);
}

TEST(SseParser, HoldsNoData) {
  Heard heard;
  SseParser parser(heard);
  const std::string piece(1000, 'x');
  ASSERT_TRUE(parser.feed("data: "));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(parser.feed(piece));
  EXPECT_EQ(heard.longest_part, piece.size());
  EXPECT_EQ(heard.present.size(), std::string("message: ").size() + 1'000'000);
}

TEST(SseParser, EachCutOfTheRecordedStreamGivesTheSameEvents) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto stream = test::recorded_stream(end);
    const auto whole = events_of(stream);
    EXPECT_EQ(whole.size(), 100U);
    for (const std::size_t size : {1U, 2U, 3U, 7U, 4096U}) EXPECT_EQ(events_of(stream, size), whole) << size;
  }
}

// Any text is read in the same way, in pieces of any size.
RC_GTEST_PROP(SseParserProperty, PiecesDoNotMatter, ()) {
  const auto word = rc::gen::element<std::string>("event", "data", "id", ":", " ", "\n", "\r", "\r\n", "\n\n", "a",
                                                  "\xef\xbb\xbf", "event: b", "data: c");
  const auto words = *rc::gen::container<std::vector<std::string>>(word);
  std::string stream;
  for (const auto& part : words) stream += part;
  const auto read = [&](std::size_t size) {
    Heard heard;
    SseParser parser(heard);
    const bool good = feed(parser, stream, size).has_value();
    return std::tuple(good, heard.events, heard.present, parser.comments());
  };
  const auto whole = read(1'000'000);
  for (std::size_t size = 1; size <= 4; ++size) RC_ASSERT(read(size) == whole);
}

}  // namespace
}  // namespace contrail::watch
