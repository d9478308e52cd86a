#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/access.hpp"
#include "contrail-client/rest/client.hpp"
#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/certificates.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/manual_clock.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

// Scripted servers in the places of Keystone and the config API, and clients with a login.
namespace contrail {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;
using ::testing::Contains, ::testing::HasSubstr, ::testing::Not;

constexpr auto ample = 20s;

const Send ok{test::ok("{}")};
const Send unauthorized{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 7\r\n\r\nrefused"};

// A token that is valid for some minutes.
inline Send issue(const std::string& token, int minutes = 60) {
  const std::string body = R"({"token": {"issued_at": "2026-01-31T12:00:00.000000Z", "expires_at": "2026-01-31T)" +
                           std::to_string(12 + minutes / 60) + ":" + (minutes % 60 < 10 ? "0" : "") +
                           std::to_string(minutes % 60) + R"(:00.000000Z"}})";
  return Send{"HTTP/1.1 201 Created\r\nX-Subject-Token: " + token +
              "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

// On one connection.
inline Script answering(const std::vector<Send>& answers) {
  Script script;
  for (const auto& answer : answers) {
    script.push_back(ReadRequest{});
    script.push_back(answer);
  }
  script.push_back(Stall{});
  return script;
}

// Keystone is asked over a new connection each time.
inline std::vector<Script> each(const std::vector<Send>& answers) {
  std::vector<Script> scripts;
  for (const auto& answer : answers) scripts.push_back({ReadRequest{}, answer});
  return scripts;
}

struct AccessTest : testing::Test {
  AccessTest() { options.log = log.log(), options.clock = clock; }

  void use_keystone(const ScriptedServer& keystone) {
    KeystoneLogin login{.server = net::parse_endpoint(keystone.url() + "/v3").value()};
    login.user = "controller", login.user_domain = "Default", login.project = "admin", login.project_domain = "Default";
    login.password_file = folder.write("password", "s3cret\n");
    settings.login = login;
  }
  void use_credential_files(const ScriptedServer& keystone) {
    use_keystone(keystone);
    auto& login = std::get<KeystoneLogin>(settings.login);
    login.credential_id_file = folder.write("id", "credential-1\n");
    login.credential_secret_file = folder.write("secret", "s3cret\n");
  }
  void use_basic() { settings.login = BasicLogin{"admin", folder.write("password", "s3cret\n")}; }

  Client client_of(const std::vector<const ScriptedServer*>& servers) {
    std::vector<net::Endpoint> endpoints;
    for (const auto* server : servers) endpoints.push_back(net::parse_endpoint(server->url()).value());
    ClientOptions client_options;
    client_options.access = Access::create(context.get_executor(), settings, options).value();
    client_options.log = log.log();
    return Client(context.get_executor(), endpoints, client_options);
  }
  Answer exchange(Client& client, const Request& request = {"DELETE", "/project/1", ""}) {
    return test::run(context, client.exchange(request, ample));
  }
  static std::size_t count(const ScriptedServer& server) { return server.log().requests.size(); }
  static std::string sent(const ScriptedServer& server, std::size_t request) {
    return server.log().requests.at(request);
  }

  asio::io_context context;
  test::TempFolder folder;
  test::LogLines log;
  std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();
  AccessSettings settings;
  Access::Options options;
};

}  // namespace contrail
