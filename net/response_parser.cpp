#include "net/response_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>

namespace net {

std::size_t ResponseParser::feed(std::string_view bytes, error_code& ec) {
  std::size_t taken = 0;
  ec = {};
  while (taken < bytes.size() && !is_done()) {
    const auto rest = bytes.substr(taken);
    if (too_little_for_last_chunk(rest)) break;
    const std::size_t used = put(boost::asio::buffer(rest.data(), rest.size()), ec);
    taken += used;
    if (ec == boost::beast::http::error::need_more) ec = {};
    if (ec || used == 0 || !eager()) break;
  }
  return taken;
}

// Beast 1.81 asserts that a last chunk whose first line it has seen is at least five bytes, "0\r
// \r
// ", which fails if "0\r
// " and one byte arrive (fixed in boostorg/beast#2861). So it gets at least five bytes; no other chunk ends that early.
bool ResponseParser::too_little_for_last_chunk(std::string_view bytes) const {
  constexpr std::size_t shortest = 5;
  return is_header_done() && chunked() && chunk_left_ == 0 && bytes.size() < shortest && bytes.front() == '0';
}

std::size_t ResponseParser::deliver(string_view body, error_code& ec) {
  body_bytes += body.size();
  if (body.empty() || !sink) return body.size();
  if (auto taken = (*sink)({body.data(), body.size()}); !taken) {
    sink_error = taken.error();
    ec = make_error_code(boost::system::errc::operation_canceled);
    return 0;
  }
  return body.size();
}

}  // namespace net
