#include "net/server_http.hpp"

#include <array>
#include <tuple>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

#include "net/as_result.hpp"

namespace net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

asio::awaitable<boost::system::error_code> read_header(boost::beast::tcp_stream& stream,
                                                       boost::beast::flat_buffer& buffer,
                                                       http::basic_parser<true>& parser) {
  const auto [error, bytes] = co_await http::async_read_header(stream, buffer, parser, as_result);
  co_return error;
}

std::string response_header(int status, const Headers& headers, unsigned version) {
  std::string out = version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(status) + " ";
  out += http::obsolete_reason(static_cast<http::status>(status));
  out += "\r\n";
  for (const auto& [name, value] : headers) ((out += name) += ": ") += value + "\r\n";
  return out += "\r\n";
}

asio::awaitable<boost::system::error_code> write_response(boost::beast::tcp_stream& stream, const std::string& header,
                                                          std::span<const std::string> pieces) {
  std::array<asio::const_buffer, 2> buffers{asio::buffer(header)};
  if (!pieces.empty()) buffers[1] = asio::buffer(pieces.front());
  auto [error, sent] = co_await asio::async_write(stream, buffers, as_result);
  for (std::size_t i = 1; i < pieces.size() && !error; ++i) {
    buffers = {asio::buffer(pieces[i])};
    std::tie(error, sent) = co_await asio::async_write(stream, buffers, as_result);
  }
  co_return error;
}

}  // namespace net
