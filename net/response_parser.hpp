#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "net/body_sink.hpp"
#include "net/http.hpp"

namespace net {

// Beast's HTTP/1.1 parser, with the header stored as plain strings and the body passed on without a copy.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  ResponseHead head;
  const BodySink* sink = nullptr;  // must be set before the body is parsed
  std::uint64_t body_bytes = 0;    // delivered so far
  base::Error sink_error;          // set if the sink returned an error; feed() then fails

  // Consumes bytes of the message and returns their number: up to the end of the header, or if eager as many as
  // possible. An incomplete message is not an error.
  std::size_t feed(std::string_view bytes, boost::system::error_code& ec);

 private:
  using error_code = boost::system::error_code;
  using string_view = boost::beast::string_view;
  using verb = boost::beast::http::verb;
  using field = boost::beast::http::field;

  std::size_t deliver(string_view body, error_code& ec);
  bool too_little_for_last_chunk(std::string_view bytes) const;

  void on_request_impl(verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { head.status = code; }
  void on_field_impl(field, string_view name, string_view value, error_code&) override {
    head.headers.emplace_back(name, value);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override { return deliver(body, ec); }
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override { chunk_left_ = size; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
    const std::size_t taken = deliver(body, ec);
    chunk_left_ -= taken;
    return taken;
  }
  void on_finish_impl(error_code&) override {}

  std::uint64_t chunk_left_ = 0;  // of the present chunk
};

}  // namespace net
