#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/task_group.hpp"
#include "k8sclient/api/resource.hpp"
#include "tests/bench/informer/usage.hpp"
#include "tests/bench/informer/watching.hpp"

namespace knm::bench {
namespace {

constexpr auto patience = std::chrono::minutes(5);

// Finds the bookmark that ends the initial events of a streaming list. Nothing follows it, so that only the last bytes
// of each piece are searched.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
class EndOfInitialEvents {
 public:
  bool is_in(std::string_view piece) {
    last_ += piece.substr(piece.size() - std::min(piece.size(), kept));
    if (last_.size() > kept) last_.erase(0, last_.size() - kept);
    return last_.find("k8s.io/initial-events-end") != std::string::npos;
  }

 private:
  static constexpr std::size_t kept = 512;  // a bookmark is shorter
  std::string last_;
};

// Reads the first state of one kind to its end, and adds its size to `bytes`.
boost::asio::awaitable<void> discard(const k8s::Client& client, k8s::ResourceName resource, Watching what,
                                     std::uint64_t& bytes) {
  const bool stream = what.mode == "stream";
  const auto connection = client.connection();
  const net::Deadline deadline = std::chrono::steady_clock::now() + patience;
  auto headers = co_await client.headers();
  if (!headers) throw std::runtime_error(headers.error().message);
  client.renew(*connection);
  headers->emplace_back("Accept", what.encoding == "json" ? "application/json" : "application/vnd.kubernetes.protobuf");
  net::HttpRequest request{"GET", std::string(resource.group_path) + "/" + std::string(resource.plural),
                           std::move(*headers), ""};
  request.target += stream
                        ? "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
                        : "?limit=0";
  const auto head = co_await connection->start(std::move(request), deadline);
  if (!head) throw std::runtime_error(head.error().error.message);
  if (head->status != 200) throw std::runtime_error("the server answered " + std::to_string(head->status));
  EndOfInitialEvents end;
  bool ended = false;
  const net::BodySink sink = [&](std::string_view piece) -> base::Result<void> {
    bytes += piece.size();
    ended = stream && end.is_in(piece);
    return {};
  };
  for (bool more = true; more && !ended;) {
    const auto read = co_await connection->read_body(sink, deadline);
    if (!read) throw std::runtime_error(read.error().error.message);
    more = *read;
  }
  if (stream && !ended) throw std::runtime_error("the stream ended before its initial events did");
}

}  // namespace

boost::asio::awaitable<void> discard_all(const k8s::Client& client, Watching what) {
  const double cpu_before = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t bytes = 0;
  std::exception_ptr failure;
  base::TaskGroup tasks(client.executor(),
                        [&failure](const std::string&, std::exception_ptr why) { failure = std::move(why); });
  for (const auto& resource : {k8s::resource_name<k8s::Pod>, k8s::resource_name<k8s::Service>,
                               k8s::resource_name<k8s::Namespace>, k8s::resource_name<k8s::EndpointSlice>})
    tasks.spawn(std::string(resource.plural), discard(client, resource, what, bytes));
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  tell({{"phase", "synced"}, {"seconds", seconds.count()}, {"cpu", cpu_seconds() - cpu_before}, {"bytes", bytes}});
}

}  // namespace knm::bench
