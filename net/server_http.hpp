#pragma once

#include <span>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "net/http.hpp"

// The server's side of HTTP/1.1. These functions are no templates: what they need of Beast is compiled once.
namespace net {

// Reads up to the end of a request's header. `buffer` keeps further bytes. The time limit is the stream's.
boost::asio::awaitable<boost::system::error_code> read_header(boost::beast::tcp_stream& stream,
                                                              boost::beast::flat_buffer& buffer,
                                                              boost::beast::http::basic_parser<true>& parser);

// The status line and the fields of a response, up to the empty line. `version`: 10 or 11. Names and values must not
// have line ends.
std::string response_header(int status, const Headers& headers, unsigned version);

// Sends the header, then the pieces of the body, without a copy. Header and pieces must outlive the operation.
boost::asio::awaitable<boost::system::error_code> write_response(boost::beast::tcp_stream& stream,
                                                                 const std::string& header,
                                                                 std::span<const std::string> pieces);

}  // namespace net
