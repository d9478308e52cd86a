#include "tests/unit/contrail-client/access_fixture.hpp"

// Logins and certificates of the config API.
namespace contrail {
namespace {

TEST_F(AccessTest, OneTokenServesManyRequestsThatWait) {
  ScriptedServer keystone{context, each({issue("t0ken-1")})};
  ScriptedServer api{context, {answering(std::vector<Send>(20, ok))}};
  use_keystone(keystone);
  auto client = client_of({&api});
  int done = 0;
  for (int i = 0; i < 10; ++i)
    asio::co_spawn(context, client.exchange({"DELETE", "/project/1", ""}, ample), [&](std::exception_ptr e, Answer a) {
      EXPECT_TRUE(!e && a);
      ++done;
    });
  while (done < 10) ASSERT_GT(context.run_one(), 0U);
  EXPECT_EQ(count(keystone), 1U);
  EXPECT_THAT(sent(keystone, 0), HasSubstr("POST /v3/auth/tokens?nocatalog HTTP/1.1\r\n"));
  EXPECT_THAT(sent(api, 0), HasSubstr("\r\nX-Auth-Token: t0ken-1\r\n"));
}

TEST_F(AccessTest, TheTokenIsRenewedAheadOfItsExpiryWithoutAWait) {
  ScriptedServer keystone{context, each({issue("t0ken-1", 10), issue("t0ken-2", 10)})};
  ScriptedServer api{context, {answering(std::vector<Send>(20, ok))}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  clock->time += 8min;
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(count(keystone), 1U);
  clock->time += 61s;
  ASSERT_TRUE(exchange(client));
  EXPECT_THAT(sent(api, 2), HasSubstr("t0ken-1")) << "it is valid while the next one is on its way";
  while (count(keystone) < 2) ASSERT_GT(context.run_one(), 0U);
  while (sent(api, count(api) - 1).find("t0ken-2") == std::string::npos) ASSERT_TRUE(exchange(client));
}

TEST_F(AccessTest, ARevokedTokenIsReplacedAndTheRequestRepeatedOnce) {
  ScriptedServer keystone{context, each({issue("t0ken-1"), issue("t0ken-2")})};
  ScriptedServer api{context, {answering({ok, unauthorized, ok})}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  clock->time += 1min;
  const auto answer = exchange(client);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(count(keystone), 2U);
  EXPECT_THAT(sent(api, 1), HasSubstr("t0ken-1"));
  EXPECT_THAT(sent(api, 2), HasSubstr("t0ken-2"));
  EXPECT_THAT(sent(api, 2), Not(HasSubstr("t0ken-1")));
  EXPECT_TRUE(client.access_fault().empty());
}

// The server ends a stream, and the token is revoked meanwhile: the next one begins with a new token.
TEST_F(AccessTest, AStreamBeginsAgainWithANewToken) {
  struct : Follower {
    void opened(const std::string&) override { ++streams; }
    base::Result<void> take(std::string_view) override { return {}; }
    std::chrono::milliseconds patience() const override { return ample; }
    int streams = 0;
  } follower;
  const Send stream{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 2\r\n\r\n:\n"};
  ScriptedServer keystone{context, each({issue("t0ken-1"), issue("t0ken-2")})};
  ScriptedServer api{context, each({stream, unauthorized, stream})};  // each over a connection of its own
  use_keystone(keystone);
  auto client = client_of({&api});
  const auto follow = [&] { return test::run(context, client.follow({"GET", "/watch", ""}, follower, ample)); };
  const auto first = follow();
  ASSERT_TRUE(first) << first.error().error.message;
  EXPECT_EQ(first->status, 200);
  clock->time += 1min;
  const auto second = follow();
  ASSERT_TRUE(second) << second.error().error.message;
  EXPECT_EQ(second->status, 200);
  EXPECT_EQ(follower.streams, 2);
  EXPECT_EQ(count(keystone), 2U);
  EXPECT_THAT(sent(api, 1), HasSubstr("t0ken-1"));
  EXPECT_THAT(sent(api, 2), HasSubstr("t0ken-2"));
  EXPECT_TRUE(client.access_fault().empty());
}

// The config API asks another Keystone, for example. Not each request may lead to a request to Keystone.
TEST_F(AccessTest, TokensThatAreRefusedAgainAndAgainAreAStateAndNoStorm) {
  ScriptedServer keystone{context, each(std::vector<Send>(9, issue("t0ken")))};
  ScriptedServer api{context, {answering(std::vector<Send>(50, unauthorized))}};
  use_keystone(keystone);
  auto client = client_of({&api});
  for (int i = 0; i < 10; ++i) {
    const auto answer = exchange(client);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reached, Reached::not_sent);
    EXPECT_EQ(answer.error().error.code, make_error_code(i == 0 ? errc::login_refused : errc::token_refused));
    EXPECT_THAT(client.access_fault(), HasSubstr("asks the same Keystone"));
  }
  EXPECT_EQ(count(keystone), 1U);
  for (int i = 0; i < 6; ++i) {
    clock->time += 5s;
    ASSERT_FALSE(exchange(client));
  }
  EXPECT_EQ(count(keystone), 7U) << "one for each pause";
  EXPECT_THAT(client.access_fault(), HasSubstr("asks the same Keystone"));
  EXPECT_THAT(log.text(), HasSubstr("does not let this program in"));
  EXPECT_THAT(log.text(), Not(HasSubstr("t0ken")));
}

TEST_F(AccessTest, AWrongPasswordIsAStateUntilTheFileChanges) {
  ScriptedServer keystone{context, each({unauthorized, issue("t0ken")})};
  ScriptedServer api{context, {answering(std::vector<Send>(9, ok))}};
  use_keystone(keystone);
  auto client = client_of({&api});
  for (int i = 0; i < 5; ++i) {
    const auto answer = exchange(client);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reached, Reached::not_sent);
    EXPECT_THAT(answer.error().error.message, HasSubstr("refuses the user 'controller'"));
    EXPECT_EQ(client.access_fault().empty(), false);
  }
  EXPECT_EQ(count(keystone), 1U) << "Keystone may lock the account";
  EXPECT_EQ(count(api), 0U);
  folder.write("password", "n3w\n");
  EXPECT_TRUE(exchange(client)) << "the clock has not moved";
  EXPECT_THAT(sent(keystone, 1), HasSubstr("n3w"));
  EXPECT_EQ(client.access_fault(), "");
  EXPECT_THAT(log.lines(), Contains("info: the config API lets this program in again"));
  EXPECT_THAT(log.text(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(log.text(), Not(HasSubstr("n3w")));
}

// The secret of an application credential cannot be changed: another credential has another id, too.
TEST_F(AccessTest, AnApplicationCredentialIsReplacedWithoutARestart) {
  ScriptedServer keystone{context, each({issue("t0ken-1"), unauthorized, issue("t0ken-2")})};
  ScriptedServer api{context, {answering({ok, unauthorized, ok})}};
  use_credential_files(keystone);
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  EXPECT_THAT(sent(keystone, 0), HasSubstr(R"("id":"credential-1")"));
  clock->time += 5s;
  ASSERT_FALSE(exchange(client)) << "it is deleted";
  EXPECT_THAT(client.access_fault(), HasSubstr("refuses the application credential 'credential-1'"));
  EXPECT_THAT(client.access_fault(), HasSubstr("the id in " + folder.path("id")));
  folder.write("id", "credential-2\n");
  folder.write("secret", "n3w\n");
  EXPECT_TRUE(exchange(client)) << "the clock has not moved";
  EXPECT_THAT(sent(keystone, 2), HasSubstr(R"("id":"credential-2")"));
  EXPECT_THAT(sent(keystone, 2), HasSubstr(R"("secret":"n3w")"));
  EXPECT_EQ(client.access_fault(), "");
}

// Both files change one after the other: a pair that does not fit is not the last word.
TEST_F(AccessTest, AnIdThatComesAfterItsSecretIsTakenAtOnce) {
  ScriptedServer keystone{context, each({unauthorized, unauthorized, issue("t0ken")})};
  ScriptedServer api{context, {answering({ok})}};
  use_credential_files(keystone);
  auto client = client_of({&api});
  ASSERT_FALSE(exchange(client));
  folder.write("secret", "n3w");
  ASSERT_FALSE(exchange(client));
  EXPECT_EQ(count(keystone), 2U);
  folder.write("id", "credential-2");
  EXPECT_TRUE(exchange(client));
  EXPECT_EQ(count(keystone), 3U);
}

TEST_F(AccessTest, AFileOfAnIdThatCannotBeReadIsAnErrorOfTheStart) {
  KeystoneLogin login{.server = net::parse_endpoint("https://keystone.example.org/v3").value()};
  login.credential_id_file = folder.path("missing"), login.credential_secret_file = folder.write("secret", "s3cret");
  settings.login = login;
  const auto access = Access::create(context.get_executor(), settings, options);
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error().message, HasSubstr("application credential's id " + folder.path("missing")));
}

// The config API has answered, and Keystone fails then.
TEST_F(AccessTest, NoServerIsLeftForAFailureOfKeystone) {
  auto scripts = each({issue("t0ken")});
  scripts.push_back({ReadRequest{}, test::Reset{}});
  ScriptedServer keystone{context, scripts};
  ScriptedServer api{context, {answering({ok, unauthorized, ok})}};
  ScriptedServer next{context, {answering({ok})}};
  use_keystone(keystone);
  auto client = client_of({&api, &next});
  ASSERT_TRUE(exchange(client));
  clock->time += 1min;
  const auto failed = exchange(client);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error.code, make_error_code(net::errc::closed)) << failed.error().error.message;
  EXPECT_EQ(client.address(), api.url());
}

// The rest of the time belongs to the next request, which finds the token.
TEST_F(AccessTest, ARequestDoesNotWaitForATokenLongerThanItsOwnTime) {
  ScriptedServer keystone{context, {{ReadRequest{}, Stall{}}}};
  ScriptedServer api{context, {answering({ok})}};
  use_keystone(keystone);
  options.timeout = ample;
  auto client = client_of({&api});
  const auto late = test::run(context, client.exchange({"DELETE", "/project/1", ""}, 100ms));
  ASSERT_FALSE(late) << "and not after the time of the request to Keystone";
  EXPECT_EQ(late.error().reached, Reached::not_sent);
  EXPECT_EQ(late.error().error.code, make_error_code(errc::no_token_yet)) << late.error().error.message;
  EXPECT_THAT(client.access_fault(), HasSubstr("waiting for a token of Keystone"));
  EXPECT_EQ(count(keystone), 1U);
  EXPECT_EQ(count(api), 0U);
}

// What Keystone said last is not the reason why the config API cannot be reached.
TEST_F(AccessTest, AFaultOfKeystoneEndsWhenItGivesAToken) {
  ScriptedServer keystone{context, each({unauthorized, issue("t0ken")})};
  ScriptedServer api{context, {answering({ok})}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_FALSE(exchange(client));
  EXPECT_THAT(client.access_fault(), HasSubstr("refuses the user 'controller'"));
  api.stop();
  clock->time += 5s;
  const auto unreachable = exchange(client);
  ASSERT_FALSE(unreachable);
  EXPECT_EQ(unreachable.error().error.code, make_error_code(net::errc::connect_failed));
  EXPECT_EQ(client.access_fault(), "");
  EXPECT_THAT(log.lines(), Not(Contains("info: the config API lets this program in again")));
}

TEST_F(AccessTest, AnOutageOfKeystoneHurtsOnlyWhenTheTokenExpires) {
  ScriptedServer keystone{
      context, each({issue("t0ken-1", 10), Send{"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"}, issue("t0ken-2")})};
  ScriptedServer api{context, {answering(std::vector<Send>(20, ok))}};
  use_keystone(keystone);
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  clock->time += 9min + 1s;
  ASSERT_TRUE(exchange(client));
  while (log.text().find("status 503") == std::string::npos) ASSERT_GT(context.run_one(), 0U);
  ASSERT_TRUE(exchange(client)) << "the token is valid for a minute";
  clock->time += 1min;
  ASSERT_TRUE(exchange(client)) << "the pause is over";
  EXPECT_THAT(sent(api, 3), HasSubstr("t0ken-2"));
}

TEST_F(AccessTest, BasicAuthenticationIsInEachRequestAndFollowsItsFile) {
  ScriptedServer api{context, {answering({ok, unauthorized, ok, unauthorized})}};
  use_basic();
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  EXPECT_THAT(sent(api, 0), HasSubstr("\r\nAuthorization: Basic YWRtaW46czNjcmV0\r\n"));
  folder.write("password", "n3w\n");
  ASSERT_TRUE(exchange(client)) << "the refusal is a reason to read the file";
  EXPECT_THAT(sent(api, 2), HasSubstr("\r\nAuthorization: Basic YWRtaW46bjN3\r\n"));
  const auto refused = exchange(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(count(api), 4U) << "the same password is not sent twice";
  EXPECT_THAT(refused.error().error.message, HasSubstr("refuses the user 'admin' (401)"));
  EXPECT_EQ(client.access_fault().empty(), false);
}

// Pages for developers repeat the request with its fields.
TEST_F(AccessTest, AnErrorThatRepeatsTheLoginIsPassedOnWithoutIt) {
  const auto echo = [](const std::string& status, const std::string& body) {
    return Send{"HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
  };
  ScriptedServer keystone{context, each({issue("t0ken")})};
  ScriptedServer api{context,
                     {answering({echo("400 X", "X-Auth-Token: t0ken, again t0ken"),
                                 echo("200 OK", "<html>Your token is t0ken</html>")})}};
  use_keystone(keystone);
  auto client = client_of({&api});
  EXPECT_EQ(exchange(client)->body, "X-Auth-Token: (secret), again (secret)");
  const auto page = exchange(client);
  ASSERT_FALSE(page);
  EXPECT_THAT(page.error().error.message, HasSubstr("Your token is (secret)"));
  ScriptedServer basic{context, {answering({echo("500 X", "Authorization: Basic YWRtaW46czNjcmV0")})}};
  use_basic();
  auto another = client_of({&basic});
  EXPECT_EQ(exchange(another)->body, "Authorization: Basic (secret)");
  EXPECT_THAT(log.text(), Not(HasSubstr("t0ken")));
}

TEST_F(AccessTest, AServerThatWantsALoginIsReported) {
  ScriptedServer api{context, {answering({unauthorized, ok})}};
  auto client = client_of({&api});
  const auto refused = exchange(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reached, Reached::not_sent);
  EXPECT_THAT(client.access_fault(), HasSubstr("wants a login"));
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(client.access_fault(), "");
}

TEST_F(AccessTest, AFileThatCannotBeReadIsAnErrorOfTheStart) {
  settings.login = BasicLogin{"admin", folder.path("missing")};
  auto access = Access::create(context.get_executor(), settings, options);
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, make_error_code(net::errc::bad_secret));
  EXPECT_THAT(access.error().message, HasSubstr(folder.path("missing")));
  settings.login = BasicLogin{"admin", folder.write("two", "a\nb\n")};
  access = Access::create(context.get_executor(), settings, options);
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error().message, HasSubstr("more than one line"));
}

// LocalAuth of the config API (vnc_auth_keystone.py) fails on a second colon with a 500.
TEST_F(AccessTest, APasswordOfBasicAuthenticationHasNoColon) {
  settings.login = BasicLogin{"admin", folder.write("password", "s3:cret\n")};
  const auto access = Access::create(context.get_executor(), settings, options);
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, make_error_code(net::errc::bad_secret));
  EXPECT_THAT(access.error().message, HasSubstr("the password has a ':'"));
  EXPECT_THAT(access.error().message, Not(HasSubstr("s3")));
  ScriptedServer api{context, {answering({ok, unauthorized, ok})}};
  use_basic();
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  folder.write("password", "n3:w\n");
  ASSERT_FALSE(exchange(client));
  ASSERT_FALSE(exchange(client));
  EXPECT_THAT(client.access_fault(), HasSubstr("the password has a ':'"));
  EXPECT_THAT(log.text(), HasSubstr("the password has a ':'"));
  EXPECT_EQ(count(api), 2U) << "it is not sent";
  folder.write("password", "n3w\n");
  ASSERT_TRUE(exchange(client)) << "the clock has not moved";
  EXPECT_EQ(client.access_fault(), "");
}

struct AccessTlsTest : AccessTest {
  AccessTlsTest() : authority(test::make_authority("first authority")) {
    settings.tls.emplace();
    settings.tls->ca_file = folder.write("ca.crt", authority.cert_pem);
  }
  static test::ServerIdentity identity(const test::Identity& by, const test::LeafOptions& leaf = {}) {
    const auto made = test::make_leaf(by, leaf);
    return {made.cert_pem, made.key_pem, ""};
  }
  test::Identity authority;
};

TEST_F(AccessTlsTest, ANewAuthorityIsTakenWithoutARestart) {
  ScriptedServer api{context, {{ReadRequest{}, ok}, answering({ok, ok})}, identity(authority)};
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  const auto other = test::make_authority("second authority");
  api.present(identity(other));
  const auto refused = exchange(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reached, Reached::not_sent);
  EXPECT_EQ(refused.error().error.code, make_error_code(net::errc::bad_certificate));
  EXPECT_THAT(client.access_fault(), HasSubstr("second authority"));
  folder.write("ca.crt", other.cert_pem);
  EXPECT_TRUE(exchange(client)) << "the clock has not moved";
  EXPECT_EQ(client.access_fault(), "");
}

TEST_F(AccessTlsTest, AServerWithABadCertificateIsLeftForTheNext) {
  ScriptedServer bad{context, {answering({ok})}, identity(test::make_authority("another"))};
  ScriptedServer good{context, {answering({ok, ok})}, identity(authority)};
  auto client = client_of({&bad, &good});
  ASSERT_TRUE(exchange(client));
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(count(bad), 0U);
  EXPECT_EQ(count(good), 2U);
}

TEST_F(AccessTlsTest, KeystoneHasItsOwnAuthority) {
  const auto other = test::make_authority("keystone's authority");
  ScriptedServer keystone{context, each({issue("t0ken")}), identity(other)};
  ScriptedServer api{context, {answering({ok})}, identity(authority)};
  use_keystone(keystone);
  std::get<KeystoneLogin>(settings.login).tls.ca_file = folder.write("keystone.crt", authority.cert_pem);
  auto client = client_of({&api});
  const auto refused = exchange(client);
  ASSERT_FALSE(refused);
  EXPECT_THAT(client.access_fault(), HasSubstr("asking Keystone for a token"));
  EXPECT_EQ(count(keystone), 0U) << "the password goes to no other server";
  folder.write("keystone.crt", other.cert_pem);
  clock->time += 5s;
  EXPECT_TRUE(exchange(client));
}

}  // namespace
}  // namespace contrail
