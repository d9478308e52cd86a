#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace knm {

// A GET or HEAD request, as a handler sees it: decoded.
struct HttpRequest {
  std::string path;  // "/readyz"
  std::vector<std::pair<std::string, std::string>> query;

  // Whether a parameter is given, with or without a value.
  bool has(std::string_view name) const;
  // All values of a parameter.
  std::vector<std::string_view> values(std::string_view name) const;
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::string allow = {};  // the methods, with 405
};

// Handlers run on the thread of the io_context, between two steps of everything else: they read a snapshot and return.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

}  // namespace knm
