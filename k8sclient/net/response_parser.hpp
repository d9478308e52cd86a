#pragma once

#include <cstdint>

#include <boost/beast/http/basic_parser.hpp>

#include "k8sclient/net/body_sink.hpp"
#include "k8sclient/net/http.hpp"

namespace k8s::net {

// Beast's HTTP/1.1 parser with the header kept as plain strings and the body handed on without a copy.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  ResponseHead head;
  const BodySink* sink = nullptr;  // set before the body is parsed
  std::uint64_t body_bytes = 0;    // delivered so far
  Error sink_error;                // set when the sink refused; put() then fails

 private:
  using error_code = boost::system::error_code;
  using string_view = boost::beast::string_view;
  using verb = boost::beast::http::verb;
  using field = boost::beast::http::field;

  std::size_t deliver(string_view body, error_code& ec);

  void on_request_impl(verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { head.status = code; }
  void on_field_impl(field, string_view name, string_view value, error_code&) override {
    head.headers.emplace_back(name, value);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override { return deliver(body, ec); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override { return deliver(body, ec); }
  void on_finish_impl(error_code&) override {}
};

}  // namespace k8s::net
