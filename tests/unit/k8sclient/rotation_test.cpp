// Tokens and certificates in files that rotate while the client runs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "k8sclient/client/client.hpp"
#include "net/errc.hpp"
#include "net/rotating_tls.hpp"
#include "tests/unit/k8sclient/support/certificates.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/manual_clock.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;

const Script answering{ReadRequest{}, Send{test::ok("{}")}, ReadRequest{}, Send{test::ok("{}")}, Stall{}};
const Send unauthorized{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"};

struct RotatingTlsTest : testing::Test {
  RotatingTlsTest() : authority(test::make_authority("first authority")), first(leaf("first")), second(leaf("second")) {
    settings.ca_file = folder.write("ca.crt", authority.cert_pem);
    settings.cert_file = folder.write("tls.crt", first.cert_pem);
    settings.key_file = folder.write("tls.key", first.key_pem);
  }
  test::Identity leaf(const std::string& name) { return test::make_leaf(authority, {.common_name = name}); }
  net::RotatingTls make() { return net::RotatingTls::create(settings, *clock, log.log()).value(); }

  test::TempFolder folder;
  test::Identity authority, first, second;
  net::TlsSettings settings;
  std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();
  test::LogLines log;
};

TEST_F(RotatingTlsTest, LooksOnceAMinuteAndKeepsTheContextOfEqualFiles) {
  auto tls = make();
  const auto before = tls.current();
  folder.write("tls.crt", second.cert_pem);
  folder.write("tls.key", second.key_pem);
  clock->time += 59s;
  EXPECT_EQ(tls.current(), before);
  clock->time += 1s;
  const auto after = tls.current();
  EXPECT_NE(after, before);
  clock->time += 1min;
  EXPECT_EQ(tls.current(), after) << "no file changed";
  EXPECT_EQ(log.lines(), std::vector<std::string>{"info: new certificates are in use for new connections"});
}

// SSL_CERT_FILE, for as long as the object lives.
class SystemAuthorities {
 public:
  explicit SystemAuthorities(const std::string& file) { ::setenv("SSL_CERT_FILE", file.c_str(), 1); }
  ~SystemAuthorities() { ::unsetenv("SSL_CERT_FILE"); }
  SystemAuthorities(const SystemAuthorities&) = delete;
  SystemAuthorities& operator=(const SystemAuthorities&) = delete;
};

TEST_F(RotatingTlsTest, TheFileOfTheSystemsAuthoritiesIsFollowed) {
  const SystemAuthorities system(folder.write("system.crt", authority.cert_pem));
  settings = {};
  auto tls = make();
  const auto before = tls.current();
  clock->time += 1min;
  EXPECT_EQ(tls.current(), before) << "it has not changed";
  std::filesystem::remove(folder.path("system.crt"));
  clock->time += 1min;
  EXPECT_EQ(tls.current(), before) << "it is being replaced";
  folder.write("system.crt", test::make_authority("second authority").cert_pem + "\n");
  clock->time += 59s;
  EXPECT_EQ(tls.current(), before);
  clock->time += 1s;
  const auto after = tls.current();
  EXPECT_NE(after, before);
  EXPECT_EQ(log.lines(), std::vector<std::string>{"info: new certificates are in use for new connections"});
  clock->time += 1min;
  EXPECT_EQ(tls.current(), after);
}

TEST_F(RotatingTlsTest, TheSystemsAuthoritiesAreOfNoInterestBesideOwnOnes) {
  const SystemAuthorities system(folder.write("system.crt", authority.cert_pem));
  auto tls = make();
  const auto before = tls.current();
  folder.write("system.crt", test::make_authority("second authority").cert_pem + "\n");
  clock->time += 1min;
  EXPECT_EQ(tls.current(), before);
}

TEST_F(RotatingTlsTest, ARefusedCertificateIsAReasonToLookAtOnce) {
  auto tls = make();
  const auto before = tls.current();
  folder.write("ca.crt", test::make_authority("second authority").cert_pem);
  EXPECT_EQ(tls.current(), before);
  tls.suspect();
  EXPECT_NE(tls.current(), before);
}

TEST_F(RotatingTlsTest, ABadFileLeavesTheLastGoodContextAndIsNamedOnce) {
  const std::string half = first.key_pem.substr(0, first.key_pem.size() / 2);
  const struct {
    std::string file, content, says;
  } cases[] = {
      {"tls.key", half, "client key " + folder.path("tls.key")},
      {"tls.key", "", "it is empty"},
      {"tls.key", second.key_pem, "does not belong to the client certificate " + folder.path("tls.crt")},
      {"tls.crt", "s3cret", "client certificate " + folder.path("tls.crt")},
      {"ca.crt", "s3cret", "certificate authority " + folder.path("ca.crt")},
      {"ca.crt", "-----BEGIN CERTIFICATE-----\ns3cret", "certificate authority " + folder.path("ca.crt")},
  };
  for (const auto& c : cases) {
    log.clear();
    auto tls = make();
    const auto before = tls.current();
    const auto good = c.file == "ca.crt" ? authority.cert_pem : c.file == "tls.crt" ? first.cert_pem : first.key_pem;
    folder.write(c.file, c.content);
    for (int looks = 0; looks < 3; ++looks) {
      clock->time += 1min;
      EXPECT_EQ(tls.current(), before);
    }
    ASSERT_EQ(log.lines().size(), 1u) << c.file;
    EXPECT_NE(log.text().find("warning: "), std::string::npos);
    EXPECT_NE(log.text().find(c.says), std::string::npos) << log.text();
    EXPECT_EQ(log.text().find("s3cret"), std::string::npos) << log.text();
    EXPECT_EQ(log.text().find(first.key_pem.substr(40, 20)), std::string::npos);
    folder.write(c.file, good);
    clock->time += 1min;
    EXPECT_EQ(tls.current(), before) << "the former content";
    EXPECT_EQ(log.lines().size(), 1u);
  }
}

TEST_F(RotatingTlsTest, CertificateAndKeyMayArriveOneAfterTheOther) {
  auto tls = make();
  const auto before = tls.current();
  folder.write("tls.crt", second.cert_pem);
  tls.suspect();
  EXPECT_EQ(tls.current(), before);
  folder.write("tls.key", second.key_pem);
  tls.suspect();
  EXPECT_NE(tls.current(), before);
}

TEST_F(RotatingTlsTest, AnotherIdentityReplacesTheFilesOfTheClient) {
  auto tls = make();
  const auto before = tls.current();
  EXPECT_FALSE(tls.replace_identity(second.cert_pem, first.key_pem));
  EXPECT_EQ(tls.current(), before);
  EXPECT_TRUE(tls.replace_identity(second.cert_pem, second.key_pem));
  const auto after = tls.current();
  EXPECT_NE(after, before);
  folder.write("tls.crt", "junk");
  clock->time += 1min;
  EXPECT_EQ(tls.current(), after);
  EXPECT_TRUE(log.lines().empty()) << log.text();
}

struct RotationTest : RotatingTlsTest {
  std::unique_ptr<Client> client_for(const ScriptedServer& server) {
    config.server = net::parse_endpoint(server.url()).value();
    ClientOptions options;
    options.clock = clock;
    options.log = log.log();
    return Client::create(context.get_executor(), config, options).value();
  }
  base::Result<std::string> get(Client& client) { return test::run(context, client.get("/x")); }

  asio::io_context context;
  ClientConfig config;
};

// The bundle of the system is rebuilt with the authority of a server.
TEST_F(RotationTest, ANewAuthorityOfTheSystemIsTakenWithoutARestart) {
  const SystemAuthorities system(folder.write("system.crt", test::make_authority("another authority").cert_pem));
  const auto server_identity = leaf("server");
  ScriptedServer server(context, {answering}, {server_identity.cert_pem, server_identity.key_pem, ""});
  const auto client = client_for(server);
  const auto refused = get(*client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, make_error_code(net::errc::bad_certificate));
  folder.write("system.crt", authority.cert_pem + "\n");
  EXPECT_TRUE(get(*client)) << "the clock has not moved: the refusal is a reason to look";
}

// The API server and the ConfigMap kube-root-ca.crt have a new authority.
TEST_F(RotationTest, ANewAuthorityIsTakenWithoutARestart) {
  const auto server_identity = leaf("server");
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}}, answering},
                        {server_identity.cert_pem, server_identity.key_pem, ""});
  config.tls.ca_file = settings.ca_file;
  const auto client = client_for(server);
  ASSERT_TRUE(get(*client));
  const auto other = test::make_authority("second authority");
  const auto renewed = test::make_leaf(other);
  server.present({renewed.cert_pem, renewed.key_pem, ""});
  const auto refused = get(*client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, net::errc::bad_certificate) << refused.error().message;
  folder.write("ca.crt", other.cert_pem);
  EXPECT_TRUE(get(*client)) << "the refused certificate is a reason to read the file, the clock has not moved";
  EXPECT_EQ(log.lines(), std::vector<std::string>{"info: new certificates are in use for new connections"});
}

TEST_F(RotationTest, ANewClientCertificateIsForNewConnections) {
  const auto server_identity = leaf("server");
  ScriptedServer server(context, {answering}, {server_identity.cert_pem, server_identity.key_pem, authority.cert_pem});
  config.tls = settings;
  const auto client = client_for(server);
  ASSERT_TRUE(get(*client));
  folder.write("tls.crt", second.cert_pem);
  folder.write("tls.key", second.key_pem);
  ASSERT_TRUE(get(*client));
  EXPECT_EQ(server.log().client_names, std::vector<std::string>{"first"}) << "the connection is kept";
  clock->time += 1min;
  ASSERT_TRUE(get(*client));
  EXPECT_EQ(server.log().client_names, (std::vector<std::string>{"first", "second"}));
}

// The certificate expired while the connection was open: the API server checks it at every request.
TEST_F(RotationTest, A401LeadsToNewCertificatesAndANewConnection) {
  const auto server_identity = leaf("server");
  ScriptedServer server(context, {{ReadRequest{}, unauthorized, Stall{}}, answering},
                        {server_identity.cert_pem, server_identity.key_pem, authority.cert_pem});
  config.tls = settings;
  const auto client = client_for(server);
  EXPECT_EQ(get(*client).error().code, errc::unauthorized);
  folder.write("tls.crt", second.cert_pem);
  folder.write("tls.key", second.key_pem);
  EXPECT_TRUE(get(*client));
  EXPECT_EQ(server.log().client_names, (std::vector<std::string>{"first", "second"}));
}

// As a watch: its connection lives on while others have new certificates; its next request has them, too.
TEST_F(RotationTest, ALiveConnectionGoesOn) {
  const auto server_identity = leaf("server");
  const Script watch{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + test::chunk("one")},
                     Send{test::chunk("two")}, Send{"0\r\n\r\n"}, Stall{}};
  ScriptedServer server(context, {watch, answering},
                        {server_identity.cert_pem, server_identity.key_pem, authority.cert_pem});
  config.tls = settings;
  const auto client = client_for(server);
  const auto connection = client->connection();
  const auto later = net::Deadline::clock::now() + 20s;
  ASSERT_TRUE(test::run(context, connection->start({"GET", "/watch", {}, ""}, later)));
  folder.write("tls.crt", second.cert_pem);
  folder.write("tls.key", second.key_pem);
  clock->time += 1min;
  ASSERT_TRUE(get(*client));
  client->renew(*connection);
  std::string body;
  const net::BodySink sink = [&](std::string_view bytes) -> base::Result<void> {
    body += bytes;
    return {};
  };
  for (bool more = true; more;) more = test::run(context, connection->read_body(sink, later)).value();
  EXPECT_EQ(body, "onetwo");
  EXPECT_FALSE(connection->reusable());
  EXPECT_TRUE(test::run(context, connection->exchange({"GET", "/watch", {}, ""}, later)));
  EXPECT_EQ(server.log().client_names, (std::vector<std::string>{"first", "second", "second"}));
}

TEST_F(RotationTest, AFileThatBecomesBadDoesNoHarm) {
  const auto server_identity = leaf("server");
  ScriptedServer server(context, {answering}, {server_identity.cert_pem, server_identity.key_pem, authority.cert_pem});
  config.tls = settings;
  const auto client = client_for(server);
  folder.write("tls.key", "s3cret");
  clock->time += 1min;
  EXPECT_TRUE(get(*client));
  EXPECT_NE(log.text().find(folder.path("tls.key")), std::string::npos);
  EXPECT_EQ(log.text().find("s3cret"), std::string::npos);
}

// The kubelet writes a new token before the old one expires; a 401 tells that it was too late.
TEST_F(RotationTest, ABoundTokenIsReadAgain) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, ReadRequest{}, unauthorized, ReadRequest{},
                                   Send{test::ok("{}")}, ReadRequest{}, Send{test::ok("{}")}, Stall{}}});
  config.token_file = folder.write("token", "t0ken-1");
  const auto client = client_for(server);
  const auto sent = [&](std::size_t request, const std::string& token) {
    return server.log().requests.at(request).find("Authorization: Bearer " + token + "\r\n") != std::string::npos;
  };
  ASSERT_TRUE(get(*client));
  folder.write("token", "t0ken-2");
  const auto refused = get(*client);
  EXPECT_EQ(refused.error().code, errc::unauthorized);
  EXPECT_EQ(refused.error().message.find("t0ken"), std::string::npos);
  ASSERT_TRUE(get(*client));
  folder.write("token", "");
  clock->time += 1min;
  ASSERT_TRUE(get(*client));
  EXPECT_TRUE(sent(0, "t0ken-1") && sent(1, "t0ken-1") && sent(2, "t0ken-2") && sent(3, "t0ken-2"));
  EXPECT_NE(log.text().find("warning: the token file " + folder.path("token")), std::string::npos) << log.text();
  EXPECT_EQ(log.text().find("t0ken"), std::string::npos);
}

struct SyncedHandler : Handler<Pod> {
  void on_upsert(const Pod&) override {}
  void on_delete(const Pod&) override {}
  void on_synced() override { synced = true; }
  bool synced = false;
};

asio::awaitable<bool> joined(base::TaskGroup& group) {
  co_await group.join();
  co_return true;
}

// The server refuses the handshake of a client without the new certificate, and presents one of a new authority.
TEST_F(RotationTest, AReflectorTakesNewCertificates) {
  const auto other = test::make_authority("second authority");
  const auto server_identity = test::make_leaf(other);
  const std::string protobuf = "Content-Type: application/vnd.kubernetes.protobuf\r\n";
  ScriptedServer server(context,
                        {{ReadRequest{}, Send{test::ok(test::list("Pod", 10, {}), protobuf)}, ReadRequest{}, Stall{}}},
                        {server_identity.cert_pem, server_identity.key_pem, other.cert_pem});
  config.tls = settings;
  const auto client = client_for(server);
  ReflectorOptions options;
  options.watch.backoff = {1ms, 4ms, 2};
  int unknown = 0, refused = 0;
  options.on_error = [&](const base::Error& error) {
    if (error.code == net::errc::bad_certificate && ++unknown == 2) folder.write("ca.crt", other.cert_pem);
    // The server's reset may come before its alert is read.
    const bool by_server = error.code == net::errc::handshake_failed || error.code == net::errc::closed;
    if (!by_server || ++refused != 2) return;
    const auto renewed = test::make_leaf(other, {.common_name = "renewed"});
    folder.write("tls.crt", renewed.cert_pem);
    folder.write("tls.key", renewed.key_pem);
  };
  SyncedHandler handler;
  Reflector<Pod> reflector(*client, options, handler);
  base::TaskGroup tasks(context.get_executor(), nullptr);
  tasks.spawn("pods", reflector.run());
  while (!handler.synced) ASSERT_GT(context.run_one(), 0u);
  EXPECT_EQ(unknown, 2);
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(server.log().client_names, std::vector<std::string>{"renewed"});
  tasks.cancel();
  test::run(context, joined(tasks));
}

}  // namespace
}  // namespace k8s
