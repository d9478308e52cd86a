// Streaming lists and lists in one piece, with scripted servers.
#include <gtest/gtest.h>

#include "tests/unit/k8sclient/support/reflecting.hpp"

namespace k8s {
namespace {

std::string added(const std::string& pod, std::uint64_t version, const std::string& uid = "u") {
  return frame("ADDED", "Pod", object(pod, version, uid));
}
std::string bookmark(std::uint64_t version) {
  return frame("BOOKMARK", "Pod", test::field(1, test::field(6, std::to_string(version))));
}
std::string end_of_initial_events(std::uint64_t version) {
  const std::string annotation = test::field(12, test::field(1, "k8s.io/initial-events-end") + test::field(2, "true"));
  return frame("BOOKMARK", "Pod", test::field(1, test::field(6, std::to_string(version)) + annotation));
}
// The answer to a watch, up to where it stays open.
Send stream(const std::string& frames) { return Send{stream_head + chunk(frames)}; }

const std::string streaming_target =
    "/api/v1/pods?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
    "timeoutSeconds=";

struct StreamingListTest : ReflectorTest {
  static ReflectorOptions streaming() {
    ReflectorOptions options;
    options.watch.streaming_list = true;
    return options;
  }
  bool streams(std::size_t request) const { return target(request).starts_with(streaming_target); }
};

TEST_F(StreamingListTest, TheSameStreamContinuesAsTheWatch) {
  start({{ReadRequest{}, stream(added("b", 7) + added("a", 3)), Send{chunk(end_of_initial_events(10))},
          Send{chunk(frame("MODIFIED", "Pod", object("a", 11, "u2")) + bookmark(20))}, Stall{}}},
        streaming());
  until([&] { return reflector->last_seen() == 20; });
  EXPECT_TRUE(streams(0)) << target(0);
  EXPECT_EQ(server->log().requests.size(), 1u);
  std::sort(calls.begin(), calls.begin() + 2);
  EXPECT_EQ(calls, (Calls{"+a:3", "+b:7", "synced", "-a:3", "+a:11"}));
  EXPECT_EQ(reflector->stats().lists, 1u);
  EXPECT_EQ(reflector->stats().pages, 0u);
  EXPECT_TRUE(errors.empty());
}

TEST_F(StreamingListTest, NothingIsReportedBeforeTheEndOfTheInitialEvents) {
  start({{ReadRequest{}, stream(added("a", 3)), Stall{}}}, streaming());
  until([&] { return reflector->stats().events == 1; });
  EXPECT_TRUE(calls.empty());
  EXPECT_FALSE(reflector->synced());
  EXPECT_EQ(reflector->store().size(), 0u);
}

// The server adds changes that come in the meantime.
TEST_F(StreamingListTest, TheLastInitialEventOfAnObjectCounts) {
  for (const auto keep : {Keep::objects, Keep::digests}) {
    calls.clear();
    auto options = streaming();
    options.keep = keep;
    start({{ReadRequest{},
            stream(added("a", 3) + added("b", 4) + added("c", 5) + frame("MODIFIED", "Pod", object("a", 8, "u2")) +
                   frame("DELETED", "Pod", object("b", 9)) + added("c", 6) + end_of_initial_events(10)),
            Stall{}}},
          options);
    until([&] { return reflector->synced(); });
    std::sort(calls.begin(), calls.end());
    EXPECT_EQ(calls, (Calls{"+a:8", "+c:6", "synced"}));
    EXPECT_EQ(reflector->store().size(), 2u);
  }
}

TEST_F(StreamingListTest, ALaterStreamingListReportsOnlyDifferences) {
  for (const auto keep : {Keep::objects, Keep::digests}) {
    calls.clear();
    auto options = streaming();
    options.keep = keep;
    start({{ReadRequest{},
            stream(added("a", 1) + added("b", 2) + end_of_initial_events(10) +
                   frame("ERROR", "Status", test::status(410, "Expired", "too old"))),
            Stall{}},
           {ReadRequest{}, stream(added("a", 1) + added("c", 15) + end_of_initial_events(20)), Stall{}}},
          options);
    until([&] { return reflector->stats().lists == 2; });
    EXPECT_EQ((Calls{calls.begin() + 2, calls.end()}), (Calls{"synced", "-b:2", "+c:15"}));
    EXPECT_TRUE(streams(1));
  }
}

TEST_F(StreamingListTest, AnUnreadableObjectAffectsNoOtherObject) {
  auto options = streaming();
  options.projection.annotations = {"uses"};
  const auto damaged = [](const std::string& name, std::uint64_t version) {
    return test::field(1, test::field(1, name) + test::field(3, "ns") + test::field(5, "u") +
                              test::field(6, std::to_string(version)) +
                              test::field(12, test::field(1, "uses") + test::field(2, "\xff")));
  };
  start({{ReadRequest{},
          stream(added("a", 1) + frame("ADDED", "Pod", damaged("b", 2)) + frame("ADDED", "Pod", damaged("c", 3)) +
                 frame("ADDED", "Pod", damaged("d", 4)) + frame("MODIFIED", "Pod", object("c", 5)) +
                 frame("DELETED", "Pod", damaged("d", 6)) + end_of_initial_events(10)),
          Stall{}}},
        options);
  until([&] { return reflector->synced(); });
  std::sort(calls.begin(), calls.end());
  EXPECT_EQ(calls, (Calls{"+a:1", "+c:5", "?b:Pod: the value of 'uses' is not UTF-8", "synced"}));
}

TEST_F(StreamingListTest, ARefusalIsRemembered) {
  start({{ReadRequest{}, refusal(422, "Invalid"), ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{},
          stream(frame("ERROR", "Status", test::status(410, "Expired", "too old"))), Stall{}},
         {ReadRequest{}, page(20, {}), ReadRequest{}, stream(""), Stall{}}},
        streaming());
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_TRUE(streams(0));
  EXPECT_EQ(target(1), "/api/v1/pods?limit=500");
  EXPECT_EQ(target(3), "/api/v1/pods?limit=500");
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "-a:1"}));
  EXPECT_NE(errors.at(0).message.find("the server refuses streaming lists; lists are used from now on"),
            std::string::npos)
      << errors.at(0).message;
}

TEST_F(StreamingListTest, AServerThatIgnoresTheParametersIsListed) {
  start({{ReadRequest{}, stream(added("a", 1) + bookmark(10)), Stall{}},
         {ReadRequest{}, page(11, {object("b", 2)}), ReadRequest{}, Send{stream_head}, Stall{}}},
        streaming());
  until([&] { return reflector->synced(); });
  EXPECT_EQ(calls, (Calls{"+b:2", "synced"}));
  EXPECT_EQ(errors.size(), 1u);
}

TEST_F(StreamingListTest, ACutStreamLeavesNothingBehind) {
  start({{ReadRequest{}, stream(added("a", 1) + added("b", 2))},
         {ReadRequest{}, stream(added("b", 2) + end_of_initial_events(10)), Stall{}}},
        streaming());
  until([&] { return reflector->synced(); });
  EXPECT_EQ(calls, (Calls{"+b:2", "synced"}));
  EXPECT_TRUE(streams(1));
  EXPECT_EQ(errors.size(), 1u);
}

// As by a proxy that ends each response after a while.
TEST_F(StreamingListTest, AStreamThatEndsInOrderBeforeItIsCompleteIsAFailure) {
  start({{ReadRequest{}, Send{stream_head + chunk(added("a", 1)) + "0\r\n\r\n"}, ReadRequest{},
          stream(added("b", 2) + end_of_initial_events(10)), Stall{}}},
        streaming());
  until([&] { return reflector->synced(); });
  EXPECT_EQ(calls, (Calls{"+b:2", "synced"}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].message.find("before it was complete"), std::string::npos) << errors[0].message;
}

TEST_F(StreamingListTest, AStreamThatIsNeverCompleteIsEndedAndThenListed) {
  auto options = streaming();
  options.list_timeout = 20ms;
  options.watch.streams_before_list = 1;
  start({{ReadRequest{}, stream(added("a", 1)), Stall{}},
         {ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}}},
        options);
  until([&] { return server->log().connections == 2; });
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, errc::stalled);
  EXPECT_NE(errors[0].message.find("did not complete a streaming list"), std::string::npos) << errors[0].message;
}

TEST_F(StreamingListTest, AnOlderStreamingListDeletesNothing) {
  start({{ReadRequest{},
          stream(added("a", 1) + end_of_initial_events(10) +
                 frame("ERROR", "Status", test::status(410, "Expired", "too old"))),
          Stall{}},
         {ReadRequest{}, stream(end_of_initial_events(9)), Stall{}},
         {ReadRequest{}, stream(added("a", 1) + end_of_initial_events(12)), Stall{}}},
        streaming());
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced"}));
  EXPECT_EQ(errors.at(1).code, errc::stale);
}

std::string many(int count) {
  std::string frames;
  for (int i = 0; i < count; ++i) frames += added("pod-" + std::to_string(i), 1);
  return frames;
}

// The guard's second list comes over another connection, and is a streaming list too.
TEST_F(StreamingListTest, AStreamWithManyLossesIsConfirmedByAnother) {
  auto options = streaming();
  options.deletion_guard = {10, 100, 1.0 / 3};
  const std::string expired = frame("ERROR", "Status", test::status(410, "Expired", "too old"));
  start({{ReadRequest{}, stream(many(40) + end_of_initial_events(10) + expired), Stall{}},
         {ReadRequest{}, stream(end_of_initial_events(20)), Stall{}},
         {ReadRequest{}, stream(many(40) + end_of_initial_events(21)), Stall{}}},
        options);
  until([&] { return reflector->stats().lists == 3; });
  EXPECT_EQ(calls.size(), 41u);
  EXPECT_EQ(reflector->store().size(), 40u);
  EXPECT_EQ(reflector->store().withheld(), Withheld{});
  EXPECT_EQ(reflector->stats().doubted, 1u);
  EXPECT_EQ(server->log().connections, 3u);
  EXPECT_EQ(errors.size(), 1u);
}

TEST_F(StreamingListTest, ARequestForAListDuringAStreamingListIsServedByIt) {
  start({{ReadRequest{}, stream(added("a", 1) + end_of_initial_events(10)), Send{chunk(added("b", 11))}, Stall{}}},
        streaming());
  reflector->relist();
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+b:11"}));
  EXPECT_EQ(server->log().requests.size(), 1u);
  EXPECT_EQ(reflector->stats().lists, 1u);
}

TEST_F(StreamingListTest, ARequestedListEndsTheWatchOfAStreamingList) {
  start({{ReadRequest{}, stream(added("a", 1) + end_of_initial_events(10)), Stall{}},
         {ReadRequest{}, stream(added("a", 1) + added("b", 12) + end_of_initial_events(20)), Stall{}}},
        streaming());
  until([&] { return reflector->synced(); });
  reflector->relist();
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+b:12"}));
  EXPECT_TRUE(errors.empty());
}

TEST_F(StreamingListTest, WorksInJson) {
  const std::string meta = R"("metadata":{"resourceVersion":"10","annotations":{"k8s.io/initial-events-end":"true"}})";
  start({{ReadRequest{},
          Send{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
               chunk(R"({"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a",)"
                     R"("namespace":"ns","resourceVersion":"1"}}})"
                     "\n"
                     R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1",)" +
                     meta + "}}\n")},
          Stall{}}},
        streaming());
  until([&] { return reflector->synced(); });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced"}));
  EXPECT_EQ(reflector->last_seen(), 10u);
}

// --- Lists in one piece

TEST_F(StreamingListTest, AListMayBeRequestedInOnePiece) {
  const std::string items = R"({"metadata":{"name":"a","namespace":"ns","resourceVersion":"1"}},)"
                            R"({"metadata":{"name":"b","namespace":"ns","resourceVersion":"2"}})";
  const Send in_json{
      test::ok(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"10"},"items":[)" + items + "]}",
               "Content-Type: application/json\r\n")};
  for (const auto& list : {page(10, {object("a", 1), object("b", 2)}), in_json}) {
    calls.clear();
    ReflectorOptions options;
    options.watch.page_size = 0;
    start({{ReadRequest{}, list, ReadRequest{}, Send{stream_head}, Stall{}}}, options);
    until([&] { return reflector->synced(); });
    std::sort(calls.begin(), calls.end());
    EXPECT_EQ(calls, (Calls{"+a:1", "+b:2", "synced"}));
    EXPECT_EQ(target(0), "/api/v1/pods?limit=0");
  }
}

}  // namespace
}  // namespace k8s
