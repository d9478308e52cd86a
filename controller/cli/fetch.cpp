#include "controller/cli/fetch.hpp"

#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace knm {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// Enough for the state of a big cluster.
constexpr std::uint64_t body_limit = 1ULL << 30U;

struct Place {
  std::string host;
  std::string port;
  std::string host_header;
};

base::Result<Place> place_of(const std::string& server) {
  const auto invalid = [&](const std::string& fault) {
    return base::Error{make_error_code(boost::system::errc::invalid_argument),
                       "`" + server + "` " + fault +
                           "; write the listen-state address of the controller, such as http://127.0.0.1:9403"};
  };
  const auto url = boost::urls::parse_uri(server);
  if (!url || url->host().empty()) return invalid("is not a URL");
  if (url->scheme() != "http") return invalid("is not an http URL");
  if (!url->encoded_path().empty() && url->encoded_path() != "/") return invalid("has a path");
  return Place{std::string(url->host_address()), url->has_port() ? std::string(url->port()) : "80",
               std::string(url->encoded_host_and_port())};
}

using Reply = http::response<http::string_body>;

asio::awaitable<base::Result<Reply>> get(Place place, std::string path, std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  boost::beast::tcp_stream stream(executor);
  stream.expires_after(time);
  asio::ip::tcp::resolver resolver(executor);
  auto [unresolved, endpoints] = co_await resolver.async_resolve(place.host, place.port, as_result);
  if (unresolved) co_return base::Error{unresolved, unresolved.message()};
  const auto [unconnected, endpoint] = co_await stream.async_connect(endpoints, as_result);
  if (unconnected) co_return base::Error{unconnected, unconnected.message()};
  http::request<http::empty_body> request(http::verb::get, path, 11);
  request.set(http::field::host, place.host_header);
  request.keep_alive(false);
  const auto [unsent, sent] = co_await http::async_write(stream, request, as_result);
  if (unsent) co_return base::Error{unsent, unsent.message()};
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(body_limit);
  const auto [unread, read] = co_await http::async_read(stream, buffer, parser, as_result);
  if (unread) co_return base::Error{unread, unread.message()};
  co_return parser.release();
}

}  // namespace

base::Result<std::string> fetch(const std::string& server, const std::string& path, std::chrono::milliseconds time) {
  auto place = place_of(server);
  if (!place) return place.error();
  asio::io_context context;
  base::Result<Reply> reply = base::Error{};
  asio::co_spawn(context, get(*place, path, time), [&](const std::exception_ptr& failure, base::Result<Reply> result) {
    if (!failure) reply = std::move(result);
  });
  context.run();
  if (!reply) {
    return base::Error{reply.error().code, "cannot get " + path + " of " + server + ": " + reply.error().message +
                                               "; check that `kube-network-manager run` is running there"};
  }
  if (reply->result() != http::status::ok) {
    return base::Error{make_error_code(boost::system::errc::protocol_error),
                       server + " answered " + path + " with " + std::to_string(reply->result_int()) + ": " +
                           reply->body() + "\nCheck that a kube-network-manager of this version is running there."};
  }
  return std::move(reply->body());
}

}  // namespace knm
