#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

// A reflector of Pods with a scripted server.
namespace k8s {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::chunk, test::frame, test::object, test::ReadRequest, test::Script, test::ScriptedServer, test::Send,
    test::Stall;

inline const std::string protobuf = "Content-Type: application/vnd.kubernetes.protobuf\r\n";
inline const std::string stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.kubernetes.protobuf;stream=watch\r\nTransfer-Encoding: "
    "chunked\r\n\r\n";

inline Send page(std::uint64_t version, const std::vector<std::string>& items, const std::string& next = "") {
  return Send{test::ok(test::list("Pod", version, items, next), protobuf)};
}
inline Send refusal(int code, const std::string& reason, const std::string& header = "") {
  const std::string body = test::envelope("v1", "Status", test::status(code, reason, "because"));
  return Send{"HTTP/1.1 " + std::to_string(code) + " X\r\n" + protobuf + header +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}
inline Script operator+(Script a, const Script& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline const Script end_of_watch{Send{"0\r\n\r\n"}};

struct ReflectorTest : testing::Test, Handler<Pod> {
  void on_upsert(const Pod& pod) override {
    calls.push_back("+" + pod.meta.name + ":" + std::to_string(pod.meta.resource_version));
  }
  void on_delete(const Pod& pod) override {
    calls.push_back("-" + pod.meta.name + ":" + std::to_string(pod.meta.resource_version));
  }
  void on_synced() override { calls.push_back("synced"); }
  void on_restored() override { calls.push_back("restored"); }
  void on_relisted(std::uint64_t version) override { relisted.push_back(version); }
  void on_unreadable(const Unreadable& object) override { calls.push_back("?" + object.name + ":" + object.why); }
  void on_readable(const Unreadable& was) override { calls.push_back("!" + was.name); }

  // Ends the reflector of an earlier call.
  void start(std::vector<Script> scripts, ReflectorOptions options = {}) {
    stop();
    server = std::make_unique<ScriptedServer>(context, std::move(scripts));
    ClientConfig config;
    config.server = net::parse_endpoint(server->url()).value();
    ClientOptions client_options;
    client_options.log = [this](base::LogLevel level, std::string_view text, const std::vector<base::LogField>&) {
      if (level == base::LogLevel::warning) warnings.emplace_back(text);
    };
    client = Client::create(context.get_executor(), config, client_options).value();
    options.watch.backoff = {1ms, 4ms, 2};
    options.watch.older_list_pause = 0s;
    options.on_error = [this](const base::Error& error) { errors.push_back(error); };
    reflector = std::make_unique<Reflector<Pod>>(*client, options, *this);
    tasks = std::make_unique<base::TaskGroup>(context.get_executor(), nullptr);
    tasks->spawn("pods", reflector->run());
  }
  template <class Condition>
  void until(Condition condition) {
    while (!condition()) ASSERT_GT(context.run_one(), 0u);
  }
  void until_calls(std::size_t count) {
    until([&] { return calls.size() >= count; });
  }
  void stop() {
    if (!tasks) return;
    tasks->cancel();
    test::run(context, join(*tasks));
  }
  void TearDown() override { stop(); }
  static asio::awaitable<bool> join(base::TaskGroup& group) {
    co_await group.join();
    co_return true;
  }
  std::string target(std::size_t request) const {
    const auto& text = server->log().requests.at(request);
    return text.substr(4, text.find(' ', 4) - 4);
  }
  using Calls = std::vector<std::string>;

  asio::io_context context;
  std::unique_ptr<ScriptedServer> server;
  std::unique_ptr<Client> client;
  std::unique_ptr<Reflector<Pod>> reflector;
  std::unique_ptr<base::TaskGroup> tasks;
  Calls calls;
  std::vector<base::Error> errors;
  std::vector<std::string> warnings;
  std::vector<std::uint64_t> relisted;
};

struct SetClock final : base::Clock {
  time_point now() const override { return time; }
  time_point time{};
};

}  // namespace k8s
