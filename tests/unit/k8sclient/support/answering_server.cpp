#include "tests/unit/k8sclient/support/answering_server.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

// Returns when the client closes the connection.
asio::awaitable<void> until_closed(tcp::socket& socket) {
  char sink[64];
  for (;;) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(sink), quietly);
    if (error) co_return;
  }
}

template <class State>
asio::awaitable<void> serve(tcp::socket socket, std::shared_ptr<State> state) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    const auto [error, size] = co_await http::async_read(socket, buffer, request, quietly);
    if (error) co_return;
    state->calls.push_back({std::string(request.method_string()), std::string(request.target()), request.body()});
    const auto call = state->calls.back();
    const auto answer = state->answer(call);
    if (answer.how == HttpAnswer::How::close) co_return;
    if (answer.how == HttpAnswer::How::stall) co_return co_await until_closed(socket);
    http::response<http::string_body> response(static_cast<http::status>(answer.status), 11, answer.body);
    response.set(http::field::content_type, "application/json");
    response.prepare_payload();
    const auto [failure, written] = co_await http::async_write(socket, response, quietly);
    if (failure) co_return;
  }
}

template <class State>
asio::awaitable<void> accept_all(std::shared_ptr<tcp::acceptor> acceptor, std::shared_ptr<State> state) {
  for (;;) {
    auto [error, socket] = co_await acceptor->async_accept(quietly);
    if (error) co_return;
    asio::co_spawn(acceptor->get_executor(), serve(std::move(socket), state), asio::detached);
  }
}

}  // namespace

AnsweringServer::AnsweringServer(asio::io_context& context, Answer answer)
    : state_(std::make_shared<State>(State{std::move(answer), {}})),
      acceptor_(std::make_shared<tcp::acceptor>(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0))) {
  asio::co_spawn(context, accept_all(acceptor_, state_), asio::detached);
}

AnsweringServer::~AnsweringServer() { acceptor_->close(); }

std::string AnsweringServer::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_->local_endpoint().port());
}

}  // namespace test
