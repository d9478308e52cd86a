#pragma once

#include <functional>
#include <list>
#include <memory>
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

// A long text that many may take at a time: in memory once, however many they are.
class SharedBody {
 public:
  explicit SharedBody(std::vector<std::string> pieces);

  const std::vector<std::string>& pieces() const { return pieces_; }
  std::size_t size() const { return size_; }
  std::string text() const;

  // The clients that take it, each as what ends that; a taker adds and removes itself.
  using Takers = std::list<std::function<void()>>;
  Takers& takers() const { return takers_; }

 private:
  std::vector<std::string> pieces_;
  std::size_t size_ = 0;
  mutable Takers takers_;
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::string allow = {};                         // the methods, with 405
  unsigned retry_after = 0;                       // seconds, with 503; 0: not said
  std::shared_ptr<const SharedBody> shared = {};  // in the place of `body`
  std::size_t size() const { return shared ? shared->size() : body.size(); }
};

// 500, with the log as the place to look.
HttpReply failed(std::string_view what);

// An answer that takes long to make. It is made in steps, between which everything else goes on.
class Rendering {
 public:
  virtual ~Rendering() = default;
  // Goes on for less than a millisecond; false: it is complete.
  virtual bool go() = 0;
  // The answer, once.
  virtual HttpReply reply() = 0;
};

// How to make it. Requests with the same key get the same answer.
struct RenderJob {
  std::string key;
  std::function<std::unique_ptr<Rendering>()> start;
};

// Handlers run on the thread of the io_context, between two steps of everything else: what they do is short.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

}  // namespace knm
