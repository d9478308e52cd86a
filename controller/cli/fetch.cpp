#include "controller/cli/fetch.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/connection.hpp"

namespace knm {

namespace asio = boost::asio;

namespace {

// Enough for the state of a big cluster.
constexpr std::size_t body_limit = std::size_t{1} << 30U;

base::Result<net::Endpoint> endpoint_of(const std::string& server) {
  const auto invalid = [&](const std::string& fault) {
    return base::Error{make_error_code(boost::system::errc::invalid_argument),
                       "`" + server + "` " + fault +
                           "; write the listen-state address of the controller, such as http://127.0.0.1:9403"};
  };
  auto endpoint = net::parse_endpoint(server);
  if (!endpoint) return invalid("is not a URL of a server (" + endpoint.error().message + ")");
  if (endpoint->tls) return invalid("is not an http URL");
  if (!endpoint->base_path.empty()) return invalid("has a path");
  return endpoint;
}

}  // namespace

base::Result<std::string> fetch(const std::string& server, const std::string& path, std::chrono::milliseconds time) {
  const auto endpoint = endpoint_of(server);
  if (!endpoint) return endpoint.error();
  asio::io_context context;
  net::Connection connection(context.get_executor(), *endpoint, nullptr, {.max_body_bytes = body_limit});
  net::Outcome<net::HttpResponse> outcome = net::Failure{};
  asio::co_spawn(context, connection.exchange({.target = path}, std::chrono::steady_clock::now() + time),
                 [&](const std::exception_ptr& failure, net::Outcome<net::HttpResponse> result) {
                   if (!failure) outcome = std::move(result);
                 });
  context.run();
  if (!outcome) {
    const auto& error = outcome.error().error;
    return base::Error{error.code, "cannot get " + path + " of " + server + ": " + error.message +
                                       "; check that `kube-network-manager run` is running there"};
  }
  if (outcome->status != 200) {
    return base::Error{make_error_code(boost::system::errc::protocol_error),
                       server + " answered " + path + " with " + std::to_string(outcome->status) + ": " +
                           outcome->body + "\nCheck that a kube-network-manager of this version is running there."};
  }
  return std::move(outcome->body);
}

}  // namespace knm
