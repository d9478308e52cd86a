// HTTP proxies: which one, and the connection through it.
#include "net/proxy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include <boost/asio/io_context.hpp>

#include "k8sclient/client/client.hpp"
#include "net/connection.hpp"
#include "net/errc.hpp"
#include "net/tunnel.hpp"
#include "tests/unit/k8sclient/support/certificates.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;

TEST(NoProxy, MatchesAsGoDoes) {
  const struct {
    const char* no_proxy;
    const char* host;
    std::uint16_t port;
    bool bypasses;
  } cases[] = {
      // Always.
      {"", "localhost", 443, true},
      {"", "127.0.0.1", 443, true},
      {"", "127.9.9.9", 443, true},
      {"", "::1", 443, true},
      {"", "::ffff:127.0.0.1", 443, true},
      {"", "localhost.example", 443, false},
      {"", "example.org", 443, false},
      // Names.
      {"example.org", "example.org", 443, true},
      {"example.org", "api.example.org", 443, true},
      {"example.org", "a.b.example.org", 443, true},
      {"example.org", "anexample.org", 443, false},
      {"example.org", "example.org.uk", 443, false},
      {".example.org", "example.org", 443, false},
      {".example.org", "api.example.org", 443, true},
      {"*.example.org", "example.org", 443, false},
      {"*.example.org", "api.example.org", 443, true},
      {"EXAMPLE.org", "example.ORG", 443, true},
      {"svc", "kubernetes.default.svc", 443, true},
      {"org", "example.org", 443, true},
      // Ports.
      {"example.org:6443", "example.org", 6443, true},
      {"example.org:6443", "api.example.org", 6443, true},
      {"example.org:6443", "example.org", 443, false},
      {"example.org:", "example.org", 443, true},
      {"10.0.0.1:6443", "10.0.0.1", 6443, true},
      {"10.0.0.1:6443", "10.0.0.1", 443, false},
      {"[fd00::1]:6443", "fd00::1", 6443, true},
      {"[fd00::1]:6443", "fd00::1", 443, false},
      {":443", "example.org", 443, false},
      // Addresses.
      {"10.0.0.1", "10.0.0.1", 443, true},
      {"10.0.0.1", "10.0.0.11", 443, false},
      {"10.0.0.1", "::ffff:10.0.0.1", 443, true},
      {"fd00::1", "fd00:0:0::1", 443, true},
      {"[fd00::1]", "fd00::1", 443, false},
      // Ranges.
      {"10.0.0.0/8", "10.255.0.1", 443, true},
      {"10.0.0.0/8", "11.0.0.1", 443, false},
      {"10.1.2.3/8", "10.255.0.1", 443, true},
      {"10.96.0.0/12", "10.111.255.255", 443, true},
      {"10.96.0.0/12", "10.112.0.0", 443, false},
      {"10.0.0.1/32", "10.0.0.1", 443, true},
      {"10.0.0.1/32", "10.0.0.2", 443, false},
      {"0.0.0.0/0", "8.8.8.8", 443, true},
      {"0.0.0.0/0", "fd00::1", 443, false},
      {"::/0", "fd00::1", 443, true},
      {"::/0", "8.8.8.8", 443, false},
      {"fd00::/9", "fd7f::1", 443, true},
      {"fd00::/9", "fd80::1", 443, false},
      {"10.0.0.0/33", "10.0.0.0", 443, false},
      {"10.0.0.0/x", "10.0.0.0", 443, false},
      {"10.0.0.0/8", "ten.example.org", 443, false},
      // Lists.
      {"a.org, b.org ,,10.0.0.0/8", "b.org", 443, true},
      {"a.org, b.org ,,10.0.0.0/8", "10.0.0.1", 443, true},
      {"a.org, b.org ,,10.0.0.0/8", "c.org", 443, false},
      {"a.org b.org", "b.org", 443, false},
      {"*", "example.org", 443, true},
      {"a.org,*", "8.8.8.8", 443, true},
      {"*.", "example.org", 443, false},
      {"[", "example.org", 443, false},
      {",", "example.org", 443, false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(bypasses_proxy(c.no_proxy, c.host, c.port), c.bypasses)
        << "'" << c.no_proxy << "' for " << c.host << ":" << c.port;
}

TEST(Proxies, AreParsed) {
  const struct {
    const char *url, *address, *authorization;
  } cases[] = {
      {"http://proxy.example:3128", "http://proxy.example:3128", ""},
      {"proxy.example:3128", "http://proxy.example:3128", ""},
      {"proxy.example", "http://proxy.example", ""},
      {"http://[fd00::1]:3128/", "http://[fd00::1]:3128", ""},
      {"http://user:pass@proxy:3128", "http://proxy:3128", "Basic dXNlcjpwYXNz"},
      {"user:pass@proxy:3128", "http://proxy:3128", "Basic dXNlcjpwYXNz"},
      {"http://user@proxy:3128", "http://proxy:3128", "Basic dXNlcjo="},
      {"http://us%40er:p%3Ass%2F@proxy:3128", "http://proxy:3128", "Basic dXNAZXI6cDpzcy8="},
  };
  for (const auto& c : cases) {
    const auto proxy = parse_proxy(c.url);
    ASSERT_TRUE(proxy) << c.url << ": " << proxy.error().message;
    EXPECT_EQ(proxy->address.url(), c.address) << c.url;
    EXPECT_EQ(proxy->authorization, c.authorization) << c.url;
  }
}

TEST(Proxies, OthersAreRefusedWithoutTheirPassword) {
  const std::pair<const char*, const char*> cases[] = {
      {"socks5://us3r:s3cret@proxy:1080", "only http:// proxies are supported, not socks5://"},
      {"https://us3r:s3cret@proxy:3128", "only http:// proxies are supported, not https://"},
      {"ftp://us3r:s3cret@proxy:3128", "must look like"},
      {"us3r:s3cret://x@proxy:3128", "must look like"},
      {"http://us3r:s3cret@proxy:99999", "the port must be"},
      {"http://us3r:s3 cret@proxy:3128", "must look like"},
      {"http://us3r:s3cret@", "has no host"},
  };
  for (const auto& [url, says] : cases) {
    const auto proxy = parse_proxy(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_EQ(proxy.error().code, errc::bad_url);
    EXPECT_NE(proxy.error().message.find(says), std::string::npos) << proxy.error().message;
    EXPECT_EQ(proxy.error().message.find("s3"), std::string::npos) << proxy.error().message;
  }
}

TEST(Proxies, AreChosenByTheSchemeOfTheServer) {
  const ProxyVariables variables{"http://plain:1", "http://secure:2", "direct.org"};
  const auto chosen = [&](const char* server) {
    const auto proxy = proxy_for(parse_endpoint(server).value(), variables).value();
    return proxy ? proxy->address.url() : "none";
  };
  EXPECT_EQ(chosen("https://example.org"), "http://secure:2");
  EXPECT_EQ(chosen("http://example.org"), "http://plain:1");
  EXPECT_EQ(chosen("https://direct.org"), "none");
  EXPECT_FALSE(proxy_for({true, "h", 443, ""}, {}).value());
  const auto bad = proxy_for({true, "h", 443, ""}, {"", "socks5://u:s3cret@p", ""});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message.find("variable HTTPS_PROXY: "), 0u) << bad.error().message;
}

struct ProxyEnvironment : testing::Test {
  ~ProxyEnvironment() override { clear(); }
  static void clear() {
    for (const char* name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"})
      ::unsetenv(name);
  }
};

TEST_F(ProxyEnvironment, UpperCaseComesFirstAndEmptyIsUnset) {
  clear();
  EXPECT_EQ(ProxyVariables::from_environment().https, "");
  ::setenv("https_proxy", "lower", 1);
  ::setenv("no_proxy", "a.org", 1);
  ::setenv("HTTPS_PROXY", "", 1);
  EXPECT_EQ(ProxyVariables::from_environment().https, "lower");
  ::setenv("HTTPS_PROXY", "upper", 1);
  EXPECT_EQ(ProxyVariables::from_environment().https, "upper");
  EXPECT_EQ(ProxyVariables::from_environment().http, "");
  EXPECT_EQ(ProxyVariables::from_environment().no_proxy, "a.org");
}

const Endpoint server{true, "api.example", 6443, "/base"};
const Proxy proxy_with_password = parse_proxy("http://us3r:s3cret@proxy:3128").value();

TEST(Tunnel, IsAskedForWithThePassword) {
  EXPECT_EQ(tunnel_request(server, parse_proxy("http://proxy").value()),
            "CONNECT api.example:6443 HTTP/1.1\r\nHost: api.example:6443\r\n\r\n");
  EXPECT_EQ(tunnel_request({true, "fd00::1", 443, ""}, proxy_with_password),
            "CONNECT [fd00::1]:443 HTTP/1.1\r\nHost: [fd00::1]:443\r\n"
            "Proxy-Authorization: Basic dXMzcjpzM2NyZXQ=\r\n\r\n");
}

TEST(Tunnel, AnswersAreJudged) {
  const auto judged = [](const std::string& answer) { return is_tunnel_open(answer, server, proxy_with_password); };
  const std::string granted = "HTTP/1.1 200 Connection established\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < granted.size(); ++size) EXPECT_FALSE(judged(granted.substr(0, size)).value());
  EXPECT_TRUE(judged(granted).value());
  EXPECT_TRUE(judged("HTTP/1.0 204 x\r\n\r\n").value());
  const struct {
    std::string answer;
    errc code;
    const char* says;
  } cases[] = {
      {"HTTP/1.1 407 Authentication Required\r\n\r\n", errc::proxy_refused, "put the user name and password"},
      {"HTTP/1.1 403 Forbidden\r\n\r\nno", errc::proxy_refused, "permit CONNECT"},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n", errc::proxy_refused, "status 502"},
      {"HTTP/1.1 101 x\r\n\r\n", errc::proxy_refused, "status 101"},
      {granted + "x", errc::malformed_response, "more than its answer"},
      {"HTTP/1.1 2xx\r\n\r\n", errc::malformed_response, "does not speak HTTP"},
      {"HTTP/1.1 20\r\n\r\n", errc::malformed_response, "does not speak HTTP"},
      {"SSH-2.0\r\n\r\n", errc::malformed_response, "does not speak HTTP"},
      {"\r\n\r\n", errc::malformed_response, "does not speak HTTP"},
      {std::string(20'000, 'x'), errc::malformed_response, "too large"},
  };
  for (const auto& c : cases) {
    const auto open = judged(c.answer);
    ASSERT_FALSE(open) << c.answer;
    EXPECT_EQ(open.error().code, c.code) << open.error().message;
    EXPECT_NE(open.error().message.find(c.says), std::string::npos) << open.error().message;
    EXPECT_NE(open.error().message.find("http://proxy:3128"), std::string::npos) << open.error().message;
    EXPECT_EQ(open.error().message.find("s3cret"), std::string::npos);
  }
}

struct ProxyTest : testing::Test {
  // The proxy is at the address of `at`.
  Proxy proxy_at(const ScriptedServer& at) {
    return parse_proxy("http://us3r:s3cret@127.0.0.1:" + std::to_string(at.port())).value();
  }
  Outcome<HttpResponse> ask(const ScriptedServer& at, const Endpoint& endpoint, TlsSettings tls = {},
                            std::chrono::milliseconds limit = 20s) {
    ConnectionOptions options;
    options.proxy = proxy_at(at);
    Connection connection(context.get_executor(), endpoint, make_tls_context(tls).value(), options);
    return test::run(context, connection.exchange({"GET", "/x", {}, ""}, Deadline::clock::now() + limit));
  }
  asio::io_context context;
  test::Identity authority = test::make_authority("authority");
};

// The name of the server has no address here: only the proxy can know one.
TEST_F(ProxyTest, TlsGoesThroughATunnelAndIsVerifiedByTheNameOfTheServer) {
  const auto identity = test::make_leaf(authority, {.alternative_names = "DNS:api.invalid"});
  ScriptedServer proxy(context, {{ReadRequest{}, Send{test::ok("hello")}, Stall{}}},
                       {identity.cert_pem, identity.key_pem, ""});
  proxy.answer_connect("HTTP/1.1 200 OK\r\n\r\n");
  const Endpoint at{true, "api.invalid", 6443, "/base"};
  EXPECT_EQ(ask(proxy, at, {.ca_data = authority.cert_pem}).value().body, "hello");
  ASSERT_EQ(proxy.log().requests.size(), 2u);
  EXPECT_EQ(proxy.log().requests[0],
            "CONNECT api.invalid:6443 HTTP/1.1\r\nHost: api.invalid:6443\r\n"
            "Proxy-Authorization: Basic dXMzcjpzM2NyZXQ=\r\n\r\n");
  EXPECT_EQ(proxy.log().requests[1], "GET /base/x HTTP/1.1\r\nHost: api.invalid:6443\r\n\r\n")
      << "the password is for the proxy only";
  EXPECT_EQ(proxy.log().server_names, std::vector<std::string>{"api.invalid"});
  const auto other = ask(proxy, {true, "other.invalid", 6443, ""}, {.ca_data = authority.cert_pem});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().error.code, errc::bad_certificate);
}

TEST_F(ProxyTest, RequestsWithoutTlsAreSentToTheProxy) {
  ScriptedServer proxy(context, {{ReadRequest{}, Send{test::ok("hello")}, Stall{}}});
  EXPECT_EQ(ask(proxy, {false, "api.invalid", 8080, "/base"}).value().body, "hello");
  EXPECT_EQ(proxy.log().requests.at(0),
            "GET http://api.invalid:8080/base/x HTTP/1.1\r\nHost: api.invalid:8080\r\n"
            "Proxy-Authorization: Basic dXMzcjpzM2NyZXQ=\r\n\r\n");
}

TEST_F(ProxyTest, FailuresNameTheProxyAndSendNothingToTheServer) {
  const struct {
    Script script;
    errc code;
    const char* says;
  } cases[] = {
      {{ReadRequest{}, Send{"HTTP/1.1 407 x\r\n\r\n"}, Stall{}}, errc::proxy_refused, "status 407"},
      {{ReadRequest{}, Send{"HTTP/1.1 200"}}, errc::proxy_refused, "it closed the connection"},
      {{ReadRequest{}, test::Reset{}}, errc::proxy_refused, "reset by peer"},
  };
  for (const auto& c : cases) {
    ScriptedServer proxy(context, {c.script});
    const auto response = ask(proxy, {true, "api.invalid", 6443, ""});
    ASSERT_FALSE(response);
    const auto& failure = response.error();
    EXPECT_EQ(failure.error.code, c.code) << failure.error.message;
    EXPECT_EQ(failure.delivery, Delivery::not_sent);
    EXPECT_NE(failure.error.message.find(c.says), std::string::npos) << failure.error.message;
    EXPECT_NE(failure.error.message.find(proxy_at(proxy).address.url()), std::string::npos) << failure.error.message;
    EXPECT_EQ(failure.error.message.find("s3cret"), std::string::npos);
    EXPECT_EQ(failure.error.message.find("dXMz"), std::string::npos);
  }
}

TEST_F(ProxyTest, AProxyThatIsDownIsNamed) {
  ScriptedServer proxy(context, {{Stall{}}});
  const auto down = proxy_at(proxy);
  proxy.stop();
  ConnectionOptions options;
  options.proxy = down;
  Connection connection(context.get_executor(), {true, "api.invalid", 6443, ""}, make_tls_context({}).value(), options);
  const auto response = test::run(context, connection.exchange({"GET", "/", {}, ""}, Deadline::clock::now() + 20s));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::connect_failed);
  EXPECT_NE(response.error().error.message.find("cannot connect to the proxy " + down.address.url()), std::string::npos)
      << response.error().error.message;
}

TEST_F(ProxyTest, ASilentProxyMeetsTheDeadline) {
  ScriptedServer proxy(context, {{ReadRequest{}, Stall{}}});
  const auto response = ask(proxy, {true, "api.invalid", 6443, ""}, {}, 50ms);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::timed_out);
}

TEST_F(ProxyTest, AClientUsesItForRequestsAndForReflectors) {
  const auto identity = test::make_leaf(authority, {.alternative_names = "DNS:api.invalid"});
  ScriptedServer proxy(context, {{ReadRequest{}, Send{test::ok("{}")}, Stall{}}},
                       {identity.cert_pem, identity.key_pem, ""});
  proxy.answer_connect("HTTP/1.1 200 OK\r\n\r\n");
  test::LogLines log;
  k8s::ClientConfig config;
  config.server = {true, "api.invalid", 6443, ""};
  config.tls.ca_data = authority.cert_pem;
  config.proxy = proxy_at(proxy);
  k8s::ClientOptions options;
  options.log = log.log();
  const auto client = k8s::Client::create(context.get_executor(), config, options).value();
  EXPECT_EQ(test::run(context, client->get("/x")).value(), "{}");
  const auto connection = client->connection();
  EXPECT_TRUE(test::run(context, connection->exchange({"GET", "/x", {}, ""}, Deadline::clock::now() + 20s)));
  EXPECT_EQ(proxy.log().requests.size(), 4u) << "a CONNECT and a GET of each";
  proxy.answer_connect("HTTP/1.1 407 x\r\n\r\n");
  connection->close();
  const auto refused = test::run(context, connection->exchange({"GET", "/x", {}, ""}, Deadline::clock::now() + 20s));
  EXPECT_EQ(refused.error().error.code, errc::proxy_refused);
  EXPECT_EQ((log.text() + refused.error().error.message).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace net
