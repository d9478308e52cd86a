#include "tests/unit/contrail-client/access_fixture.hpp"

// Several servers with a login: which one is used, for how long one is left alone, and answers of something else.
namespace contrail {
namespace {

TEST_F(AccessTest, AServerThatHangsIsLeftForTheNext) {
  ScriptedServer hanging{context, {{ReadRequest{}, Stall{}}}}, good{context, {answering({ok, ok})}};
  auto client = client_of({&hanging, &good});
  const auto late = test::run(context, client.exchange({"DELETE", "/project/1", ""}, 500ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reached, Reached::unknown);
  EXPECT_EQ(count(good), 0U) << "a write is not repeated";
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(count(good), 1U);
}

// A reading from another server may be older than what was written to the first one.
TEST_F(AccessTest, OneServerIsUsedAtATime) {
  ScriptedServer first{context, {answering({ok, Send{"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"}, ok})}};
  ScriptedServer second{context, {answering({ok, ok, ok})}};
  auto client = client_of({&first, &second});
  ASSERT_TRUE(exchange(client));
  const auto unavailable = exchange(client);
  ASSERT_TRUE(unavailable);
  EXPECT_EQ(unavailable->status, 503);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(exchange(client));
  EXPECT_EQ(client.address(), second.url());
  EXPECT_EQ(count(first), 2U) << "its open connection is not used again";
  EXPECT_EQ(count(second), 3U);
}

TEST_F(AccessTest, AfterTheLastServerComesTheFirst) {
  const Send unavailable{"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"};
  const std::vector<Script> scripts{answering({unavailable, ok}), answering({ok})};
  ScriptedServer first{context, scripts}, second{context, scripts}, third{context, scripts};
  auto client = client_of({&first, &second, &third});
  for (const auto* server : {&first, &second, &third}) {
    EXPECT_EQ(client.address(), server->url());
    ASSERT_EQ(exchange(client)->status, 503);
  }
  EXPECT_EQ(client.address(), first.url());
  ASSERT_EQ(exchange(client)->status, 200);
  EXPECT_EQ(count(first), 2U);
}

TEST_F(AccessTest, APauseThatTheServerWantsIsKept) {
  const Send busy{"HTTP/1.1 429 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"};
  ScriptedServer api{context, {answering({busy, ok})}};
  auto client = client_of({&api});
  ASSERT_EQ(exchange(client)->status, 429);
  const auto paused = test::run(context, client.exchange({"DELETE", "/project/1", ""}, 500ms));
  ASSERT_FALSE(paused);
  EXPECT_EQ(paused.error().error.code, make_error_code(errc::paused));
  EXPECT_EQ(paused.error().reached, Reached::not_sent);
  EXPECT_EQ(count(api), 1U);
}

// While both are in maintenance, neither is asked before its time.
TEST_F(AccessTest, EachServerHasItsOwnPause) {
  const Send busy{"HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"};
  ScriptedServer first{context, {answering({busy, ok})}}, second{context, {answering({busy, ok})}};
  auto client = client_of({&first, &second});
  ASSERT_EQ(exchange(client)->status, 503);
  ASSERT_EQ(exchange(client)->status, 503);
  const auto paused = test::run(context, client.exchange({"DELETE", "/project/1", ""}, 100ms));
  ASSERT_FALSE(paused);
  EXPECT_EQ(paused.error().error.code, make_error_code(errc::paused));
  EXPECT_EQ(count(first) + count(second), 2U);
}

TEST_F(AccessTest, AListThatIsAPageLeavesTheServerWithTheReasonInTheLog) {
  ScriptedServer page{context, {answering({Send{test::ok("\n<html>welcome</html>")}})}}, good{context, {}};
  auto client = client_of({&page, &good});
  const auto type = Type::virtual_network;
  const auto answer = test::run(context, client.list(type, list(type, {}, {}), [](Object&&) {}, ample));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, make_error_code(errc::foreign_answer));
  EXPECT_EQ(client.address(), good.url());
  EXPECT_THAT(log.text(), HasSubstr("another server of the config API is used from now on server=" + good.url()));
  EXPECT_THAT(log.text(), HasSubstr("welcome"));
}

// The tokens of a user end with the user: what Keystone says then is the reason.
TEST_F(AccessTest, AUserWhoIsDisabledIsNamed) {
  ScriptedServer keystone{context, each({issue("t0ken-1"), unauthorized})};
  ScriptedServer api{context, {answering({ok, unauthorized})}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  clock->time += 5s;
  ASSERT_FALSE(exchange(client));
  EXPECT_THAT(client.access_fault(), HasSubstr("refuses the user 'controller'"));
}

// The gateway says nothing of the login.
TEST_F(AccessTest, AnUnavailableServerDoesNotEndTheFaultOfALogin) {
  ScriptedServer keystone{context, each({issue("t0ken-1"), issue("t0ken-2")})};
  ScriptedServer api{context, {answering({unauthorized, Send{"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"}, ok})}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_FALSE(exchange(client));
  clock->time += 5s;
  ASSERT_EQ(exchange(client)->status, 503);
  EXPECT_THAT(client.access_fault(), HasSubstr("asks the same Keystone"));
  ASSERT_EQ(exchange(client)->status, 200);
  EXPECT_TRUE(client.access_fault().empty());
}

// The pause, or Keystone, took most of the time: the rest may be too short for any server.
TEST_F(AccessTest, AServerIsNotLeftForATimeOutAfterAWait) {
  const Send busy{"HTTP/1.1 429 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"};
  ScriptedServer slow{context, {answering({busy})}}, other{context, {}};
  auto client = client_of({&slow, &other});
  ASSERT_EQ(exchange(client)->status, 429);
  const auto late = test::run(context, client.exchange({"DELETE", "/project/1", ""}, 1600ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().error.code, make_error_code(net::errc::timed_out));
  EXPECT_EQ(client.address(), slow.url());
}

TEST_F(AccessTest, APlain404OfALoadBalancerIsAFailure) {
  ScriptedServer api{
      context,
      {answering({Send{"HTTP/1.1 404 X\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nnot found"},
                  Send{"HTTP/1.1 404 X\r\nContent-Type: text/html; charset=UTF-8\r\n"
                       "Content-Length: 12\r\n\r\nNo project 1"}})}};
  auto client = client_of({&api});
  const auto foreign = exchange(client);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().reached, Reached::unknown);
  EXPECT_EQ(foreign.error().error.code, make_error_code(errc::foreign_answer));
  const auto gone = exchange(client);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->status, 404);
}

TEST_F(AccessTest, APageInThePlaceOfAnAnswerIsAFailure) {
  const std::string page = "<html>no such site</html>";
  ScriptedServer api{context,
                     {answering({Send{"HTTP/1.1 404 X\r\nContent-Length: 25\r\n\r\n" + page}, Send{test::ok(page)}})}};
  auto client = client_of({&api});
  for (int i = 0; i < 2; ++i) {
    const auto answer = exchange(client);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reached, Reached::unknown);
    EXPECT_THAT(answer.error().error.message, HasSubstr("DELETE /project/1"));
    EXPECT_THAT(answer.error().error.message, HasSubstr("no such site"));
  }
}

}  // namespace
}  // namespace contrail
