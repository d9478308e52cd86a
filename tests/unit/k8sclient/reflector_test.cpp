// The reflector with scripted servers: its reaction to each fault of the server.
#include "k8sclient/cache/reflector.hpp"

#include <gtest/gtest.h>

#include "tests/unit/k8sclient/support/reflecting.hpp"

namespace k8s {
namespace {

TEST_F(ReflectorTest, ListsInPagesThenWatches) {
  start({{ReadRequest{}, page(10, {object("a", 1)}, "more"), ReadRequest{}, page(10, {object("b", 2)}), ReadRequest{},
          Send{stream_head},
          Send{chunk(frame("MODIFIED", "Pod", object("a", 11, "u2")) + frame("DELETED", "Pod", object("b", 12)))},
          Send{chunk(frame("BOOKMARK", "Pod", test::field(1, test::field(6, "50"))))}, Stall{}}});
  until([&] { return reflector->last_seen() == 50; });
  EXPECT_EQ(target(0), "/api/v1/pods?limit=500");
  EXPECT_EQ(target(1), "/api/v1/pods?limit=500&continue=more");
  EXPECT_EQ(target(2).find("/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds="), 0u)
      << target(2);
  EXPECT_EQ((Calls{calls[2], calls[3], calls[4], calls[5]}), (Calls{"synced", "-a:1", "+a:11", "-b:2"}));
  EXPECT_EQ(reflector->store().size(), 1u);
  EXPECT_TRUE(reflector->store().find("ns", "a"));
  EXPECT_EQ(reflector->stats().lists, 1u);
  EXPECT_EQ(reflector->stats().pages, 2u);
  EXPECT_TRUE(errors.empty());
}

TEST_F(ReflectorTest, AnEventWithoutAVisibleChangeIsNotReported) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("MODIFIED", "Pod", object("a", 11)))}, Send{chunk(frame("DELETED", "Pod", object("a", 12)))},
          Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "-a:11"}));
}

TEST_F(ReflectorTest, AWatchCutInsideAFrameResumesFromTheVersionBefore) {
  const std::string whole = frame("ADDED", "Pod", object("c", 12));
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ADDED", "Pod", object("b", 11)) + whole.substr(0, 20))}},
         {ReadRequest{}, Send{stream_head}, Send{chunk(whole)}, Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"synced", "+b:11", "+c:12"}));
  EXPECT_NE(target(2).find("resourceVersion=11&"), std::string::npos);
  EXPECT_EQ(reflector->stats().lists, 1u);
  EXPECT_EQ(errors.size(), 1u);
}

TEST_F(ReflectorTest, AWatchThatEndsInsideAFrameIsAnInterruption) {
  const std::string whole = frame("ADDED", "Pod", object("c", 12));
  start({Script{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head}, Send{chunk(whole.substr(0, 20))}} +
             end_of_watch,
         {ReadRequest{}, Send{stream_head}, Send{chunk(whole)}, Stall{}}});
  until_calls(2);
  EXPECT_EQ(calls, (Calls{"synced", "+c:12"}));
}

TEST_F(ReflectorTest, AnExpiredStatusCausesARelistThatReportsOnlyDifferences) {
  start({{ReadRequest{}, page(10, {object("a", 1), object("b", 2), object("c", 3)}), ReadRequest{},
          refusal(410, "Expired")},
         {ReadRequest{}, page(20, {object("a", 1), object("b", 15, "other"), object("d", 16)}), ReadRequest{},
          Send{stream_head}, Stall{}}});
  until([&] { return reflector->stats().watches == 2; });
  ASSERT_EQ(calls.size(), 8u);
  std::sort(calls.begin() + 4, calls.begin() + 6);
  std::sort(calls.begin() + 6, calls.end());
  EXPECT_EQ((Calls{calls.begin() + 3, calls.end()}), (Calls{"synced", "-b:2", "-c:3", "+b:15", "+d:16"}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, errc::expired);
}

TEST_F(ReflectorTest, AnExpiredErrorEventCausesARelist) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ERROR", "Status", test::status(410, "Expired", "too old")))}, Stall{}},
         {ReadRequest{}, page(20, {}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "-a:1"}));
  EXPECT_EQ(target(2), "/api/v1/pods?limit=500");
}

TEST_F(ReflectorTest, AnotherErrorEventResumesTheWatch) {
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ADDED", "Pod", object("a", 11)) +
                     frame("ERROR", "Status", test::status(500, "InternalError", "oops")))},
          Stall{}},
         {ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return server->log().requests.size() == 3; });
  EXPECT_NE(target(2).find("resourceVersion=11&"), std::string::npos);
  EXPECT_EQ(errors.at(0).code, errc::server_error);
}

TEST_F(ReflectorTest, AFailedRelistChangesNothing) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, refusal(410, "Expired")},
         {ReadRequest{}, page(20, {object("x", 19)}, "more"), ReadRequest{}, refusal(500, "InternalError")},
         {ReadRequest{}, page(21, {object("a", 1), object("y", 20)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+y:20"}));
}

TEST_F(ReflectorTest, AnOlderListDeletesNothing) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, refusal(410, "Expired")},
         {ReadRequest{}, page(9, {}), Stall{}},
         {ReadRequest{}, page(12, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return reflector->stats().watches == 2; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced"}));
  EXPECT_EQ(errors.at(1).code, errc::stale);
}

TEST_F(ReflectorTest, AnOlderVersionInAWatchCausesARelist) {
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ADDED", "Pod", object("a", 11)) + frame("ADDED", "Pod", object("b", 5)))}, Stall{}},
         {ReadRequest{}, page(12, {object("a", 11)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_EQ(calls, (Calls{"synced", "+a:11"}));
  EXPECT_EQ(errors.at(0).code, errc::stale);
}

TEST_F(ReflectorTest, InvalidAnswersAreRefused) {
  const std::string html = "<html>proxy error</html>";
  const std::vector<Script> invalid{
      {ReadRequest{}, Send{test::ok(html, "Content-Type: text/html\r\n")}},
      {ReadRequest{}, Send{test::ok(html, protobuf)}},
      {ReadRequest{}, Send{test::ok(test::envelope("v1", "Status", test::status(410, "Gone", "x")), protobuf)}},
      {ReadRequest{}, Send{test::ok(test::list("Pod", 0, {}), protobuf)}},
      {ReadRequest{}, page(10, {object("a", 1), object("a", 2)})},
      {ReadRequest{}, Send{"HTTP/1.1 200 OK\r\n" + protobuf + "Content-Length: 999\r\n\r\nk8s"}},
      {ReadRequest{}, Send{"SSH-2.0\r\n\r\n"}},
      {ReadRequest{}, Send{"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere\r\nContent-Length: 0\r\n\r\n"}},
      {ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}}};
  start(invalid);
  until_calls(2);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced"}));
  EXPECT_EQ(errors.size(), invalid.size() - 1);
}

TEST_F(ReflectorTest, RefusalsContainARemedy) {
  start({{ReadRequest{}, refusal(401, "Unauthorized"), ReadRequest{}, refusal(403, "Forbidden"), ReadRequest{},
          refusal(429, "TooManyRequests"), ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until_calls(1);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].code, errc::unauthorized);
  EXPECT_NE(errors[0].message.find("token"), std::string::npos);
  EXPECT_EQ(errors[1].code, errc::forbidden);
  EXPECT_NE(errors[1].message.find("because"), std::string::npos);
  EXPECT_EQ(errors[2].code, errc::busy);
}

TEST_F(ReflectorTest, UsesJsonIfProtobufIsNotAcceptable) {
  start(
      {{ReadRequest{}, refusal(406, "NotAcceptable"), ReadRequest{},
        Send{test::ok(
            R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"10"},"items":[{"metadata":{"name":"a","namespace":"ns","resourceVersion":"1"}}]})",
            "Content-Type: application/json\r\n")},
        ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"},
        Send{chunk(
            R"({"type":"DELETED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns","resourceVersion":"11"}}})"
            "\n")},
        Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "-a:1"}));
  EXPECT_NE(server->log().requests.at(1).find("Accept: application/json\r\n"), std::string::npos);
}

TEST_F(ReflectorTest, SilenceBeyondTheWatchTimeoutIsADeadConnection) {
  ReflectorOptions options;
  options.watch.watch_timeout = 0s;
  options.silence_grace = 20ms;
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, Send{stream_head}, Stall{}}},
        options);
  until([&] { return server->log().connections == 2; });
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, errc::stalled);
}

ReflectorOptions impatient() {
  ReflectorOptions options;
  options.silence_limit = 20ms;
  return options;
}

TEST_F(ReflectorTest, ASilentWatchResumesFromTheLastVersion) {
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head + chunk(frame("ADDED", "Pod", object("a", 11)))},
          Stall{}},
         {ReadRequest{}, Send{stream_head + chunk(frame("ADDED", "Pod", object("b", 12)))}, Stall{}}},
        impatient());
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"synced", "+a:11", "+b:12"}));
  EXPECT_NE(target(2).find("resourceVersion=11&"), std::string::npos);
  EXPECT_EQ(reflector->stats().lists, 1u);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, errc::stalled);
  EXPECT_NE(errors[0].message.find("neither an event nor a bookmark"), std::string::npos) << errors[0].message;
}

// The server answers, and then says nothing at all: the first read counts as well.
TEST_F(ReflectorTest, TwoSilentWatchesCauseAList) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, page(20, {object("a", 1), object("b", 15)}), ReadRequest{}, Send{stream_head}, Stall{}}},
        impatient());
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+b:15"}));
  EXPECT_EQ(target(3), "/api/v1/pods?limit=500");
}

// --- Unreadable objects: the annotation `uses` contains bytes that are not UTF-8.

const std::string bad_annotation = test::field(12, test::field(1, "uses") + test::field(2, "\xff\xfe"));
std::string damaged(const std::string& name, unsigned long long version, const std::string& uid = "u") {
  return test::field(1, test::field(1, name) + test::field(3, "ns") + test::field(5, uid) +
                            test::field(6, std::to_string(version)) + bad_annotation);
}
const std::string why_unreadable = "Pod: the value of 'uses' is not UTF-8";
ReflectorOptions with_uses() {
  ReflectorOptions options;
  options.projection.annotations = {"uses"};
  return options;
}

TEST_F(ReflectorTest, AnUnreadableObjectAffectsNoOtherObject) {
  start({{ReadRequest{}, page(10, {object("a", 1), damaged("b", 2), object("c", 3)}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("MODIFIED", "Pod", damaged("a", 11)) + frame("ADDED", "Pod", object("d", 12)))},
          Send{chunk(frame("DELETED", "Pod", damaged("a", 13)) + frame("MODIFIED", "Pod", object("b", 14)))}, Stall{}}},
        with_uses());
  until([&] { return reflector->last_seen() == 14; });
  std::sort(calls.begin() + 1, calls.begin() + 3);
  EXPECT_EQ(calls, (Calls{"?b:" + why_unreadable, "+a:1", "+c:3", "synced", "?a:" + why_unreadable, "+d:12", "!a",
                          "-a:1", "!b", "+b:14"}));
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(reflector->stats().lists, 1u);
}

TEST_F(ReflectorTest, ARelistDoesNotDeleteAnUnreadableObject) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, refusal(410, "Expired")},
         {ReadRequest{}, page(20, {damaged("a", 15)}, "more"), ReadRequest{}, page(20, {}), ReadRequest{},
          Send{stream_head}, Stall{}}},
        with_uses());
  until([&] { return reflector->stats().watches == 2; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "?a:" + why_unreadable}));
  EXPECT_EQ(reflector->store().size(), 1u);
}

TEST_F(ReflectorTest, ADeletionWithoutANameCausesAList) {
  const std::string nameless = test::field(1, test::field(1, "\xff") + test::field(6, "12"));
  start({{ReadRequest{}, page(10, {object("a", 1), object("b", 2)}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("DELETED", "Pod", nameless))}, Stall{}},
         {ReadRequest{}, page(20, {object("b", 2)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return reflector->stats().watches == 2; });
  EXPECT_EQ((Calls{calls.begin() + 3, calls.end()}), (Calls{"-a:1"}));
}

// --- Liveness

TEST_F(ReflectorTest, RecordsTheTimeOfTheLastEventAndTheFailures) {
  const auto clock = std::make_shared<SetClock>();
  ReflectorOptions options;
  options.clock = clock;
  options.on_error = {};
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("BOOKMARK", "Pod", test::field(1, test::field(6, "50"))))}, ReadRequest{}},
         {ReadRequest{}, refusal(500, "InternalError"), ReadRequest{}, refusal(500, "InternalError"), ReadRequest{},
          Send{stream_head}, Send{chunk(frame("ADDED", "Pod", object("a", 60)))}, Stall{}}},
        options);
  EXPECT_FALSE(reflector->life().synced);
  clock->time += 10s;
  until([&] { return reflector->stats().lists == 1; });
  EXPECT_EQ(reflector->life().last_heard, clock->time);
  EXPECT_TRUE(reflector->life().synced);
  clock->time += 10s;
  until([&] { return reflector->last_seen() == 50; });
  EXPECT_EQ(reflector->life().last_heard, clock->time);
  EXPECT_EQ(reflector->life().failures_in_row, 0u);
  EXPECT_EQ(reflector->life().resource, "pods");
  server->stop();
}

TEST_F(ReflectorTest, ALastingFailureIsReportedAgain) {
  const auto clock = std::make_shared<SetClock>();
  ReflectorOptions options;
  options.clock = clock;
  options.say_again = 300s;
  std::vector<Script> scripts(1);
  for (int i = 0; i < 9; ++i) scripts[0] = scripts[0] + Script{ReadRequest{}, refusal(403, "Forbidden")};
  scripts[0] = scripts[0] + Script{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head}, Stall{}};
  start(scripts, options);
  until([&] { return errors.size() == 3; });
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(reflector->life().failures_in_row, 3u);
  EXPECT_NE(reflector->life().error.find("because"), std::string::npos);
  clock->time += 299s;
  until([&] { return errors.size() == 5; });
  EXPECT_EQ(warnings.size(), 1u);
  clock->time += 1s;
  until([&] { return errors.size() == 7; });
  EXPECT_EQ(warnings.size(), 2u);
  until_calls(1);
  EXPECT_EQ(reflector->life().failures_in_row, 0u);
  EXPECT_EQ(reflector->life().error, "");
  EXPECT_EQ(reflector->life().failures, 9u);
}

// --- A server with an older state

TEST_F(ReflectorTest, ARestoredEtcdIsAcceptedInTheEnd) {
  start({{ReadRequest{}, page(100, {object("a", 90), object("b", 91)}), ReadRequest{}, refusal(410, "Expired"),
          ReadRequest{}, page(50, {object("a", 40)}), Stall{}},
         {ReadRequest{}, page(50, {object("a", 40)}), Stall{}},
         {ReadRequest{}, page(51, {object("a", 40)}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ADDED", "Pod", object("c", 52)))}, Stall{}}});
  until([&] { return reflector->last_seen() == 52; });
  EXPECT_EQ((Calls{calls.begin() + 3, calls.end()}), (Calls{"restored", "-b:91", "+c:52"}));
  EXPECT_EQ(relisted, std::vector<std::uint64_t>{51});
  EXPECT_EQ(errors.size(), 3u);
  EXPECT_NE(warnings.back().find("the older state of the server is believed"), std::string::npos);
}

TEST_F(ReflectorTest, AVersionTooNewForTheServerCausesAListAtOnce) {
  const std::string details = test::field(5, test::field(4, test::field(1, "ResourceVersionTooLarge")));
  const std::string body =
      test::envelope("v1", "Status", test::status(504, "Timeout", "Too large resource version") + details);
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("BOOKMARK", "Pod", test::field(1, test::field(6, "999")))) + "0\r\n\r\n"}, ReadRequest{},
          Send{"HTTP/1.1 504 X\r\n" + protobuf + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body},
          ReadRequest{}, page(11, {}), Stall{}},
         {ReadRequest{}, page(11, {}), Stall{}},
         {ReadRequest{}, page(11, {object("a", 11)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until_calls(3);
  EXPECT_EQ(calls, (Calls{"synced", "restored", "+a:11"}));
  EXPECT_EQ(relisted, std::vector<std::uint64_t>{11});
  EXPECT_EQ(target(3), "/api/v1/pods?limit=500");
}

TEST_F(ReflectorTest, AVersionTooNewInTheStreamCausesAList) {
  const std::string details = test::field(5, test::field(4, test::field(1, "ResourceVersionTooLarge")));
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head},
          Send{chunk(frame("ADDED", "Pod", object("a", 11)) +
                     frame("ERROR", "Status", test::status(504, "Timeout", "Too large resource version") + details))},
          Stall{}},
         {ReadRequest{}, page(12, {object("a", 11)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_EQ(target(2), "/api/v1/pods?limit=500");
  EXPECT_EQ(calls, (Calls{"synced", "+a:11"}));
}

// The watch goes on from a version that the server has not reached any more: the server holds back all events.
TEST_F(ReflectorTest, ARestoreUnderAWatchIsFoundByItsSilence) {
  start({{ReadRequest{}, page(100, {object("a", 90)}), ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, page(50, {}), Stall{}},
         {ReadRequest{}, page(51, {}), Stall{}},
         {ReadRequest{}, page(52, {}), ReadRequest{}, Send{stream_head + chunk(frame("ADDED", "Pod", object("b", 53)))},
          Stall{}}},
        impatient());
  until([&] { return reflector->last_seen() == 53; });
  EXPECT_EQ(calls, (Calls{"+a:90", "synced", "restored", "-a:90", "+b:53"}));
  EXPECT_EQ(target(2).substr(0, target(2).rfind('=')), target(1).substr(0, target(1).rfind('=')));
}

// Each older list comes over another connection; a current one from any server ends the doubt.
TEST_F(ReflectorTest, ALaggingServerBehindALoadBalancerIsNotBelieved) {
  start({{ReadRequest{}, page(100, {object("a", 90)}), ReadRequest{}, refusal(410, "Expired"), ReadRequest{},
          page(50, {}), Stall{}},
         {ReadRequest{}, page(50, {}), Stall{}},
         {ReadRequest{}, page(101, {object("a", 90)}), ReadRequest{}, refusal(410, "Expired"), ReadRequest{},
          page(60, {}), Stall{}},
         {ReadRequest{}, page(60, {}), Stall{}},
         {ReadRequest{}, page(102, {object("a", 90)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return reflector->last_seen() == 102; });
  EXPECT_EQ(calls, (Calls{"+a:90", "synced"}));
  EXPECT_EQ(server->log().connections, 5u);
}

TEST_F(ReflectorTest, SelectorsAndNamespaceAreRequested) {
  ReflectorOptions options;
  options.ns = "shop";
  options.label_selector = "a=b,c!=d";
  options.field_selector = "spec.nodeName=x";
  start({{ReadRequest{}, page(10, {}), ReadRequest{}, Send{stream_head}, Stall{}}}, options);
  until_calls(1);
  EXPECT_EQ(target(0),
            "/api/v1/namespaces/shop/pods?limit=500&labelSelector=a%3Db%2Cc%21%3Dd&fieldSelector=spec.nodeName%3Dx");
}

std::vector<std::string> pods(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(object("pod-" + std::to_string(i), 1));
  return out;
}

ReflectorOptions guarded() {
  ReflectorOptions options;
  options.deletion_guard = {10, 100, 1.0 / 3};
  return options;
}

// The API server answers 410 to the watch and then returns one empty list.
TEST_F(ReflectorTest, AnEmptyListIsRepeatedAtOnceOverAnotherConnection) {
  start({{ReadRequest{}, page(10, pods(40)), ReadRequest{}, refusal(410, "Expired"), ReadRequest{}, page(20, {}),
          Stall{}},
         {ReadRequest{}, page(21, pods(40)), ReadRequest{}, Send{stream_head}, Stall{}}},
        guarded());
  until([&] { return reflector->stats().lists == 3 && reflector->stats().watches == 2; });
  EXPECT_EQ(calls.size(), 41u);
  EXPECT_EQ(reflector->store().size(), 40u);
  EXPECT_EQ(reflector->store().withheld(), Withheld{});
  EXPECT_EQ(reflector->stats().doubted, 1u);
  EXPECT_EQ(server->log().connections, 2u);
}

TEST_F(ReflectorTest, ObjectsMissingFromTwoListsAreDeleted) {
  start({{ReadRequest{}, page(10, pods(40)), ReadRequest{}, refusal(410, "Expired"), ReadRequest{}, page(20, pods(5)),
          Stall{}},
         {ReadRequest{}, page(21, pods(5)), ReadRequest{}, Send{stream_head}, Stall{}}},
        guarded());
  until([&] { return reflector->stats().lists == 3; });
  EXPECT_EQ(reflector->store().size(), 5u);
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), [](const auto& line) { return line[0] == '-'; }), 35);
}

// Nothing is deleted while the second list fails; its final result counts.
TEST_F(ReflectorTest, AFailedSecondListIsRepeated) {
  start({{ReadRequest{}, page(10, pods(40)), ReadRequest{}, refusal(410, "Expired"), ReadRequest{}, page(20, {}),
          Stall{}},
         {ReadRequest{}, refusal(500, "InternalError"), ReadRequest{}, page(21, pods(40)), ReadRequest{},
          Send{stream_head}, Stall{}}},
        guarded());
  until([&] { return reflector->stats().lists == 3; });
  EXPECT_EQ(calls.size(), 41u);
  EXPECT_EQ(reflector->store().size(), 40u);
}

TEST_F(ReflectorTest, ARequestedListEndsTheWatch) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}},
         {ReadRequest{}, page(20, {object("a", 1), object("b", 12)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  until([&] { return server->log().requests.size() == 2; });
  reflector->relist();
  reflector->relist();
  until([&] { return server->log().requests.size() == 4; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+b:12"}));
  EXPECT_TRUE(errors.empty());
}

TEST_F(ReflectorTest, ARequestDuringAListIsServedByThatList) {
  start({{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head}, Stall{}}});
  reflector->relist();
  until([&] { return server->log().requests.size() == 2; });
  EXPECT_EQ(reflector->stats().lists, 1u);
  EXPECT_NE(target(1).find("watch=1"), std::string::npos);
}

// A periodic list detects a watch that misses events.
TEST_F(ReflectorTest, APeriodicListRepairsAnIncompleteWatch) {
  auto options = guarded();
  options.relist_interval = 1ms;
  Script incomplete{ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{}, Send{stream_head},
                    Send{chunk(frame("ADDED", "Pod", object("b", 11)))}};
  for (int i = 0; i < 10; ++i)  // until the time has come
    incomplete = incomplete + end_of_watch + Script{ReadRequest{}, Send{stream_head}};
  start({incomplete + end_of_watch,
         {ReadRequest{}, page(20, {object("b", 11)}), ReadRequest{}, Send{stream_head}, Stall{}}},
        options);
  until([&] { return reflector->stats().lists == 2; });
  EXPECT_EQ(calls, (Calls{"+a:1", "synced", "+b:11", "-a:1"}));
}

}  // namespace
}  // namespace k8s
