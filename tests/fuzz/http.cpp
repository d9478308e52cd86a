// HTTP answers as both clients read them, and requests as the server does: the result must not depend on the pieces.
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/response_parser.hpp"
#include "tests/fuzz/input.hpp"

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

struct Read {
  int status = 0;
  std::size_t fields = 0;
  std::string body;
  bool header = false, done = false, failed = false;
  friend bool operator==(const Read&, const Read&) = default;
};

// Reads as a connection does: unused bytes are passed again together with the following ones.
Read read_response(std::string_view input, std::size_t piece) {
  Read out;
  const net::BodySink sink = [&out](std::string_view bytes) -> base::Result<void> {
    out.body += bytes;
    return {};
  };
  net::ResponseParser parser;
  parser.header_limit(2048);
  parser.body_limit(boost::none);
  std::string buffer;
  error_code ec;
  fuzz::in_pieces(input, piece, [&](std::string_view bytes) {
    buffer += bytes;
    while (!ec && !parser.is_done()) {
      buffer.erase(0, parser.feed(buffer, ec));
      if (parser.eager() || !parser.is_header_done()) break;
      parser.eager(true);
      parser.sink = &sink;
    }
    return !ec;
  });
  out.failed = ec.failed();
  out.header = parser.is_header_done();
  out.done = parser.is_done();
  if (out.header) out.status = parser.head.status, out.fields = parser.head.headers.size();
  if (out.header && !out.done && !out.failed) parser.put_eof(ec);
  if (out.header && out.done) parser.keep_alive();
  return out;
}

// Only the header of a request is read.
bool read_request(std::string_view input, std::size_t piece) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(2048);
  std::string buffer;
  error_code ec;
  fuzz::in_pieces(input, piece, [&](std::string_view bytes) {
    buffer += bytes;
    if (!parser.is_header_done()) buffer.erase(0, parser.put(boost::asio::buffer(buffer), ec));
    if (ec == http::error::need_more) ec = {};
    return !ec && !parser.is_header_done();
  });
  return parser.is_header_done();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const auto choice = fuzz::take_choice(input);
  const std::size_t piece = 1 + (choice >> 1) % 16;
  if ((choice & 1) != 0) {
    read_request(input, 0);
    read_request(input, piece);
    return 0;
  }
  const auto whole = read_response(input, 0), cut = read_response(input, piece);
  // How much is read before a failure depends on the pieces.
  if (!whole.failed && !cut.failed) fuzz::check(whole == cut);
  return 0;
}
