// Credential plugins: each is a line of sh.
#include "k8sclient/client/plugin.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/client/client.hpp"
#include "tests/unit/k8sclient/support/certificates.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/manual_clock.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using nlohmann::json;
using test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;

const std::string v1 = "client.authentication.k8s.io/v1";
const Send unauthorized{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"};

ClientConfig config_with(ExecPlugin plugin) {
  ClientConfig config;
  config.server = net::parse_endpoint("https://api.example:6443/base").value();
  config.source = "context 'x' of /config";
  config.plugin = std::move(plugin);
  return config;
}

TEST(ExecInfo, HasTheClusterOnlyIfAskedFor) {
  ExecPlugin plugin{v1, "x"};
  plugin.cluster_config = R"({"audience":"a","n":5})";
  auto config = config_with(plugin);
  EXPECT_EQ(json::parse(exec_info(config, "pem")),
            json::parse(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
                            "spec":{"interactive":false}})"));
  config.plugin->provide_cluster_info = true;
  config.tls.server_name = "other";
  EXPECT_EQ(json::parse(exec_info(config, "pem")),
            json::parse(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
                            "spec":{"interactive":false,"cluster":{"server":"https://api.example:6443/base",
                            "tls-server-name":"other","certificate-authority-data":"cGVt",
                            "config":{"audience":"a","n":5}}}})"));
  config.tls = {.insecure = true};
  config.proxy = net::parse_proxy("proxy:3128").value();
  config.plugin->cluster_config.clear();
  EXPECT_EQ(json::parse(exec_info(config, ""))["spec"]["cluster"],
            json::parse(R"({"server":"https://api.example:6443/base","insecure-skip-tls-verify":true,
                            "proxy-url":"http://proxy:3128"})"));
}

std::string answer(const std::string& status) {
  return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" + status + "}";
}

TEST(ExecCredentials, AreRead) {
  const auto read = [](const std::string& status) { return parse_exec_credential(answer(status), v1).value(); };
  EXPECT_EQ(read(R"({"token":"t"})"), (ExecCredential{.token = "t"}));
  EXPECT_EQ(read(R"({"token":null,"clientCertificateData":"c","clientKeyData":"k","expirationTimestamp":null})"),
            (ExecCredential{.cert = "c", .key = "k"}));
  const std::chrono::sys_seconds time{1769863496s};  // 2026-01-31T12:44:56Z
  for (const char* text :
       {"2026-01-31T12:44:56Z", "2026-01-31T12:44:56.789Z", "2026-01-31T13:44:56+01:00", "2026-01-31T08:14:56-04:30"})
    EXPECT_EQ(read(std::string(R"({"token":"t","expirationTimestamp":")") + text + "\"}").expiry, time) << text;
}

TEST(ExecCredentials, ErrorsNameTheFieldAndNoContent) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "not JSON"},
      {"s3cret", "not JSON"},
      {"[\"s3cret\"]", "not JSON"},
      {R"({"kind":"s3cret"})", "'kind'"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"s3cret"}})",
       "'apiVersion' is not client.authentication.k8s.io/v1"},
      {R"({"kind":"ExecCredential","apiVersion":5})", "'apiVersion'"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})", "'status' is missing"},
      {answer("{}"), "neither a token nor a certificate"},
      {answer(R"({"token":{"s3cret":1}})"), "'token' is not a text"},
      {answer(R"({"token":"s3cret s3cret"})"), "white space"},
      {answer(R"({"clientCertificateData":"s3cret"})"), "only one of"},
      {answer(R"({"token":"s3cret","clientKeyData":"s3cret"})"), "only one of"},
      {answer(R"({"token":"s3cret","expirationTimestamp":"tomorrow"})"), "'expirationTimestamp'"},
      {answer(R"({"token":"s3cret","expirationTimestamp":"2026-01-31T12:34:56"})"), "'expirationTimestamp'"},
      {answer(R"({"token":"s3cret","expirationTimestamp":"2026-01-31T12:34:56Zz"})"), "'expirationTimestamp'"},
  };
  for (const auto& [output, says] : cases) {
    const auto credential = parse_exec_credential(output, v1);
    ASSERT_FALSE(credential) << output;
    EXPECT_EQ(credential.error().code, errc::bad_credentials);
    EXPECT_NE(credential.error().message.find(says), std::string::npos) << credential.error().message;
    EXPECT_EQ(credential.error().message.find("s3cret"), std::string::npos) << credential.error().message;
  }
}

std::string after(std::chrono::seconds time) {
  const auto when = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + time);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&when));
  return text;
}

struct PluginTest : testing::Test {
  // A plugin that notes each run, and prints the file "answer".
  PluginTest() {
    provide(R"({"token":"s3cret-1"})");
    script("cat " + folder.path("answer"));
  }
  void provide(const std::string& status) const { folder.write("answer", answer(status)); }
  void script(const std::string& line) {
    config = config_with({v1, "/bin/sh", {"-c", "echo run >>" + folder.path("runs") + "; " + line}});
  }
  int runs() const {
    std::ifstream in(folder.path("runs"));
    int count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }
  Plugin::Options options() { return {timeout, log.log(), clock}; }
  std::unique_ptr<Plugin> make() { return std::make_unique<Plugin>(context.get_executor(), config, options()); }
  base::Result<ExecCredential> credential(Plugin& plugin) { return test::run(context, plugin.credential()); }
  std::string failure() {
    const auto plugin = make();
    const auto got = credential(*plugin);
    if (got) return "no failure";
    EXPECT_EQ(got.error().code, errc::bad_credentials);
    EXPECT_EQ(log.lines(), std::vector<std::string>{"warning: " + got.error().message});
    EXPECT_EQ(got.error().message.find("s3cret"), std::string::npos) << got.error().message;
    log.clear();
    return got.error().message;
  }

  asio::io_context context;
  test::TempFolder folder;
  ClientConfig config;
  std::chrono::milliseconds timeout{20'000};
  std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();
  test::LogLines log;
};

TEST_F(PluginTest, RunsOnceForManyRequests) {
  const auto plugin = make();
  int done = 0;
  for (int i = 0; i < 10; ++i)
    asio::co_spawn(context, plugin->credential(), [&](std::exception_ptr e, const base::Result<ExecCredential>& got) {
      if (!e && got && got->token == "s3cret-1") ++done;
    });
  while (done < 10 && context.run_one() > 0) {
  }
  EXPECT_EQ(done, 10);
  EXPECT_EQ(runs(), 1);
  EXPECT_TRUE(credential(*plugin));
  EXPECT_EQ(runs(), 1);
}

TEST_F(PluginTest, GetsTheRequestInItsEnvironment) {
  config.plugin->env = {{"HOME", "/plugin"}, {"EXTRA", "more"}};
  config.plugin->args[1] = "printf '%s|%s|' \"$HOME\" \"$EXTRA\" >" + folder.path("seen") +
                           "; printf %s \"$KUBERNETES_EXEC_INFO\" >>" + folder.path("seen") + "; cat " +
                           folder.path("answer");
  const auto plugin = make();
  ASSERT_TRUE(credential(*plugin));
  std::ifstream in(folder.path("seen"));
  std::string seen;
  std::getline(in, seen);
  EXPECT_EQ(seen, "/plugin|more|" + exec_info(config, ""));
}

TEST_F(PluginTest, RenewsBeforeTheExpiryWithoutHoldingUpRequests) {
  provide(R"({"token":"s3cret-1","expirationTimestamp":")" + after(1h) + "\"}");
  const auto plugin = make();
  ASSERT_TRUE(credential(*plugin));
  provide(R"({"token":"s3cret-2","expirationTimestamp":")" + after(3h) + "\"}");
  clock->time += 59min + 30s;
  EXPECT_EQ(credential(*plugin).value().token, "s3cret-1") << "still valid, so that the request does not wait";
  while (credential(*plugin).value().token != "s3cret-2") context.run_one();
  EXPECT_EQ(runs(), 2);
}

TEST_F(PluginTest, ExpiredCredentialsAreWaitedFor) {
  provide(R"({"token":"s3cret-1","expirationTimestamp":")" + after(1h) + "\"}");
  const auto plugin = make();
  ASSERT_TRUE(credential(*plugin));
  provide(R"({"token":"s3cret-2"})");
  clock->time += 61min;
  EXPECT_EQ(credential(*plugin).value().token, "s3cret-2");
  clock->time += 24h;
  EXPECT_EQ(credential(*plugin).value().token, "s3cret-2");
  EXPECT_EQ(runs(), 2);
}

TEST_F(PluginTest, AnExpiryInTheFarFutureIsNone) {
  provide(R"({"token":"s3cret-1","expirationTimestamp":"9999-12-31T23:59:59Z"})");
  const auto plugin = make();
  ASSERT_TRUE(credential(*plugin));
  clock->time += std::chrono::years(1);
  ASSERT_TRUE(credential(*plugin));
  EXPECT_EQ(runs(), 1);
}

TEST_F(PluginTest, FailuresSayHowThePluginEnded) {
  const std::string begin = "the credential plugin '/bin/sh' (context 'x' of /config) provides no credentials: ";
  script("echo s3cret; echo first >&2; echo 'no login' >&2; exit 3");
  EXPECT_EQ(failure(), begin + "its exit status is 3; its error output ends with: first no login");
  script("exit 1");
  EXPECT_EQ(failure(), begin + "its exit status is 1; it wrote no error");
  script("kill -TERM $$");
  EXPECT_EQ(failure(), begin + "it was ended by signal 15; it wrote no error");
  script("echo s3cret");
  EXPECT_EQ(failure(), begin + "its output cannot be used: it is not JSON; the plugin must print an ExecCredential");
  script("while :; do echo s3cret; done");
  EXPECT_EQ(failure(), begin + "it wrote more than 1048576 bytes and was killed");
  script("printf '\\377\\376' >&2; exit 1");
  EXPECT_NE(failure().find("(not text)"), std::string::npos);
  timeout = 300ms;
  script("exec sleep 1000");
  EXPECT_EQ(failure(), begin + "it did not end within 300 ms and was killed; it wrote no error");
}

TEST_F(PluginTest, AMissingProgramIsReportedWithItsHint) {
  config.plugin->command = "/nowhere/plugin";
  EXPECT_NE(failure().find("it cannot be started: No such file or directory; install it, or correct the command"),
            std::string::npos);
  config.plugin->install_hint = "install it from https://example";
  EXPECT_NE(failure().find("No such file or directory; install it from https://example"), std::string::npos);
}

TEST_F(PluginTest, AFailureIsNotRepeatedForEachRequestAndRecoveryNeedsNothing) {
  script("test -e " + folder.path("login") + " && cat " + folder.path("answer"));
  const auto plugin = make();
  EXPECT_FALSE(credential(*plugin));
  EXPECT_FALSE(credential(*plugin));
  EXPECT_EQ(runs(), 1);
  clock->time += 5s;
  EXPECT_FALSE(credential(*plugin));
  EXPECT_EQ(runs(), 2);
  EXPECT_EQ(log.lines().size(), 1u) << "the same failure is logged once: " << log.text();
  folder.write("login", "");
  clock->time += 5s;
  EXPECT_TRUE(credential(*plugin));
}

TEST_F(PluginTest, AnInvalidCertificateIsAFailureWithoutItsContent) {
  provide(R"({"clientCertificateData":"s3cret","clientKeyData":"s3cret"})");
  EXPECT_NE(failure().find("the certificate cannot be used: it is not a PEM certificate"), std::string::npos);
}

TEST_F(PluginTest, ACancelledRequestDoesNotEndTheRun) {
  script("while ! test -e " + folder.path("go") + "; do sleep 0.01; done; cat " + folder.path("answer"));
  const auto plugin = make();
  asio::cancellation_signal cancel;
  int ended = 0;
  asio::co_spawn(
      context, plugin->credential(),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e, const base::Result<ExecCredential>&) {
        EXPECT_TRUE(e);
        ++ended;
      }));
  while (runs() == 0) context.poll();
  cancel.emit(asio::cancellation_type::terminal);
  while (ended == 0) context.run_one();
  folder.write("go", "");
  EXPECT_TRUE(credential(*plugin));
  EXPECT_EQ(runs(), 1);
}

TEST_F(PluginTest, ItsDestructorEndsTheRunSilently) {
  script("echo $$ >" + folder.path("pid") + ".new; mv " + folder.path("pid") + ".new " + folder.path("pid") +
         "; exec sleep 1000");
  auto plugin = make();
  asio::co_spawn(context, plugin->credential(), [](std::exception_ptr, const base::Result<ExecCredential>&) {});
  pid_t pid = 0;
  while (pid == 0) {
    context.poll();
    std::ifstream(folder.path("pid")) >> pid;
  }
  auto own = std::move(plugin);
  own.reset();
  while (::kill(pid, 0) == 0) context.poll();
  EXPECT_TRUE(log.lines().empty()) << log.text();
}

struct PluginClientTest : PluginTest {
  std::unique_ptr<Client> client_for(const ScriptedServer& server) {
    config.server = net::parse_endpoint(server.url()).value();
    ClientOptions with;
    with.clock = clock;
    with.log = log.log();
    return Client::create(context.get_executor(), config, with).value();
  }
  base::Result<std::string> get(Client& client) { return test::run(context, client.get("/x")); }
  static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

TEST_F(PluginClientTest, SendsTheTokenAndRenewsItAfterA401) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, ReadRequest{}, unauthorized, ReadRequest{},
                                   Send{test::ok("{}")}, Stall{}}});
  const auto client = client_for(server);
  EXPECT_EQ(runs(), 0) << "only a request needs credentials";
  ASSERT_TRUE(get(*client));
  provide(R"({"token":"s3cret-2"})");
  clock->time += 1h;
  const auto refused = get(*client);
  EXPECT_EQ(refused.error().code, errc::unauthorized);
  ASSERT_TRUE(get(*client));
  EXPECT_EQ(runs(), 2);
  const auto& requests = server.log().requests;
  EXPECT_TRUE(has(requests.at(0), "Authorization: Bearer s3cret-1\r\n"));
  EXPECT_TRUE(has(requests.at(1), "Authorization: Bearer s3cret-1\r\n"));
  EXPECT_TRUE(has(requests.at(2), "Authorization: Bearer s3cret-2\r\n"));
  EXPECT_FALSE(has(log.text() + refused.error().message, "s3cret"));
}

TEST_F(PluginClientTest, UsesTheCertificateForNewConnections) {
  const auto authority = test::make_authority("authority");
  const auto provide_identity = [&](const std::string& name) {
    const auto identity = test::make_leaf(authority, {.common_name = name});
    provide(json{{"clientCertificateData", identity.cert_pem}, {"clientKeyData", identity.key_pem}}.dump());
  };
  const auto server_identity = test::make_leaf(authority);
  ScriptedServer server(context,
                        {{ReadRequest{}, Send{test::ok("{}")}, ReadRequest{}, unauthorized, Stall{}},
                         {ReadRequest{}, Send{test::ok("{}")}, Stall{}}},
                        {server_identity.cert_pem, server_identity.key_pem, authority.cert_pem});
  config.tls.ca_data = authority.cert_pem;
  const auto client = client_for(server);
  provide_identity("first");
  ASSERT_TRUE(get(*client));
  provide_identity("second");
  clock->time += 1h;
  EXPECT_EQ(get(*client).error().code, errc::unauthorized);
  ASSERT_TRUE(get(*client));
  EXPECT_EQ(server.log().client_names, (std::vector<std::string>{"first", "second"}));
}

TEST_F(PluginClientTest, AFailureOfThePluginSendsNothing) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, Stall{}}});
  script("exit 1");
  const auto client = client_for(server);
  EXPECT_EQ(get(*client).error().code, errc::bad_credentials);
  const auto written = test::run(context, client->patch_load_balancer({"a", "s", "u"}, {}));
  EXPECT_EQ(written.outcome, WriteOutcome::not_sent);
  EXPECT_EQ(server.log().connections, 0u);
}

}  // namespace
}  // namespace k8s
