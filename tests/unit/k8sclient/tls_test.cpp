#include "net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <boost/asio/io_context.hpp>

#include "net/connection.hpp"
#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/certificates.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::ScriptedServer, test::Send, test::Stall;

struct TlsTest : testing::Test {
  TlsTest() : authority(test::make_authority("test authority")) {}

  Outcome<HttpResponse> ask(const test::Identity& server_identity, const TlsSettings& settings,
                            const std::string& client_ca = "") {
    ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("hello")}, Stall{}}},
                          {server_identity.cert_pem, server_identity.key_pem, client_ca});
    Connection connection(context.get_executor(), parse_endpoint(server.url()).value(),
                          make_tls_context(settings).value());
    auto response = test::run(context, connection.exchange({"GET", "/", {}, ""}, Deadline::clock::now() + 20s));
    server_names = server.log().server_names;
    return response;
  }
  std::string refusal(const test::LeafOptions& leaf, TlsSettings settings, errc code = errc::bad_certificate) {
    if (settings.ca_data.empty()) settings.ca_data = authority.cert_pem;
    const auto response = ask(test::make_leaf(authority, leaf), settings);
    if (response) return "accepted";
    EXPECT_EQ(response.error().error.code, code) << response.error().error.message;
    EXPECT_EQ(response.error().delivery, Delivery::not_sent);
    return response.error().error.message;
  }

  asio::io_context context;
  test::Identity authority;
  std::vector<std::string> server_names;  // of the last server
};

TEST_F(TlsTest, AcceptsAnAddressInTheCertificate) {
  EXPECT_EQ(ask(test::make_leaf(authority), {.ca_data = authority.cert_pem}).value().body, "hello");
}

TEST_F(TlsTest, AnotherServerNameIsSentAndVerified) {
  const auto leaf = test::make_leaf(authority, {.alternative_names = "DNS:api.example"});
  EXPECT_TRUE(ask(leaf, {.ca_data = authority.cert_pem, .server_name = "api.example"}));
  EXPECT_EQ(server_names, std::vector<std::string>{"api.example"});
  const auto other = ask(leaf, {.ca_data = authority.cert_pem, .server_name = "other.example"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().error.code, errc::bad_certificate);
}

// RFC 6066, section 3: SNI is for names.
TEST_F(TlsTest, AnAddressIsNotSentAsAServerName) {
  EXPECT_TRUE(ask(test::make_leaf(authority), {.ca_data = authority.cert_pem}));
  EXPECT_EQ(server_names, std::vector<std::string>{""});
}

TEST_F(TlsTest, RefusesACertificateForAnotherNameAndShowsItsNames) {
  const auto message = refusal({.alternative_names = "DNS:kubernetes,IP:10.96.0.1"}, {});
  EXPECT_TRUE(message.find("127.0.0.1") != message.npos && message.find("kubernetes, 10.96.0.1") != message.npos)
      << message;
  const auto by_name = refusal({.alternative_names = "DNS:kubernetes"}, {.server_name = "other"});
  EXPECT_TRUE(by_name.find("'other'") != by_name.npos) << by_name;
}

TEST_F(TlsTest, ACommonNameIsIgnored) {
  const auto message = refusal({.common_name = "127.0.0.1", .alternative_names = ""}, {});
  EXPECT_TRUE(message.find("(none)") != message.npos) << message;
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  const auto message = refusal({.valid_from = -7200, .valid_to = -3600}, {});
  EXPECT_TRUE(message.find("expired on") != message.npos && message.find("CN=server") != message.npos) << message;
}

TEST_F(TlsTest, RefusesACertificateThatIsNotYetValid) {
  const auto message = refusal({.valid_from = 3600, .valid_to = 7200}, {});
  EXPECT_TRUE(message.find("valid only from") != message.npos) << message;
}

TEST_F(TlsTest, RefusesAnUnknownAuthorityAndNamesIt) {
  const auto message = refusal({}, {.ca_data = test::make_authority("other authority").cert_pem});
  EXPECT_TRUE(message.find("issued by 'CN=test authority'") != message.npos) << message;
}

TEST_F(TlsTest, InsecureAcceptsEveryCertificate) {
  EXPECT_TRUE(ask(test::make_leaf(test::make_authority("x"), {.alternative_names = ""}), {.insecure = true}));
}

TEST_F(TlsTest, SendsAClientCertificate) {
  const auto client = test::make_leaf(authority, {.common_name = "client"});
  const TlsSettings with{.ca_data = authority.cert_pem, .cert_data = client.cert_pem, .key_data = client.key_pem};
  EXPECT_TRUE(ask(test::make_leaf(authority), with, authority.cert_pem));
  const auto without = ask(test::make_leaf(authority), {.ca_data = authority.cert_pem}, authority.cert_pem);
  ASSERT_FALSE(without);
  EXPECT_TRUE(without.error().error.message.find("certificate required") != std::string::npos)
      << without.error().error.message;
}

TEST_F(TlsTest, AServerWithoutTlsIsReported) {
  ScriptedServer server(context, {{Send{"HTTP/1.1 400 Bad Request\r\n\r\n"}, Stall{}}});
  Connection connection(context.get_executor(), {true, "127.0.0.1", server.port(), ""},
                        make_tls_context({.insecure = true}).value());
  const auto response = test::run(context, connection.exchange({"GET", "/", {}, ""}, Deadline::clock::now() + 20s));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::handshake_failed);
  EXPECT_TRUE(response.error().error.message.find("does not speak TLS") != std::string::npos)
      << response.error().error.message;
}

TEST_F(TlsTest, AStalledHandshakeMeetsTheDeadline) {
  ScriptedServer server(context, {{Stall{}}});
  Connection connection(context.get_executor(), {true, "127.0.0.1", server.port(), ""},
                        make_tls_context({.insecure = true}).value());
  const auto response = test::run(context, connection.exchange({"GET", "/", {}, ""}, Deadline::clock::now() + 20ms));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::timed_out);
  EXPECT_EQ(response.error().delivery, Delivery::not_sent);
}

struct TlsSettingsTest : TlsTest {
  TlsSettingsTest() : folder(std::filesystem::temp_directory_path() / ("tls_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~TlsSettingsTest() override { std::filesystem::remove_all(folder); }
  std::string file(const std::string& name, const std::string& content) {
    std::ofstream(folder / name) << content;
    return folder / name;
  }
  static std::string refused(const TlsSettings& settings) {
    const auto context = make_tls_context(settings);
    if (context) return "accepted";
    EXPECT_EQ(context.error().code, errc::bad_tls_settings);
    return context.error().message;
  }
  std::filesystem::path folder;
};

TEST_F(TlsSettingsTest, InvalidFilesAreReportedWithTheReason) {
  EXPECT_EQ(refused({.ca_file = folder / "none"}),
            "the certificate authority " + (folder / "none").string() + " cannot be used: No such file or directory");
  EXPECT_NE(refused({.ca_file = folder}).find("cannot be used"), std::string::npos);
  EXPECT_NE(refused({.ca_file = file("empty", "")}).find("it is empty"), std::string::npos);
  EXPECT_NE(refused({.ca_file = file("junk", "hello")}).find("not PEM"), std::string::npos);
}

TEST_F(TlsSettingsTest, TheMinimumVersionIsThatOfTheSettings) {
  const auto least = [](const TlsSettings& settings) {
    return SSL_CTX_get_min_proto_version(make_tls_context(settings).value()->context.native_handle());
  };
  EXPECT_EQ(least({}), TLS1_2_VERSION);
  EXPECT_EQ(least({.min_version = TlsVersion::v1_3}), TLS1_3_VERSION);
}

TEST_F(TlsSettingsTest, CertificateAndKeyMustMatch) {
  const auto one = test::make_leaf(authority), other = test::make_leaf(authority);
  EXPECT_EQ(refused({.cert_data = one.cert_pem, .key_data = one.key_pem}), "accepted");
  EXPECT_NE(refused({.cert_data = one.cert_pem}).find("its key is missing"), std::string::npos);
  EXPECT_NE(refused({.key_data = one.key_pem}).find("its certificate is missing"), std::string::npos);
  const auto mismatch = refused({.cert_data = one.cert_pem, .key_data = other.key_pem});
  EXPECT_NE(mismatch.find("does not belong to"), std::string::npos) << mismatch;
  const auto junk = refused({.cert_data = one.cert_pem, .key_data = "s3cret"});
  EXPECT_NE(junk.find("not an unencrypted PEM key"), std::string::npos) << junk;
  EXPECT_EQ(junk.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace net
