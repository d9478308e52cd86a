#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace knm {

// A decoded GET or HEAD request.
struct HttpRequest {
  std::string path;  // "/readyz"
  std::vector<std::pair<std::string, std::string>> query;

  // Whether the query has a parameter, with or without a value.
  bool has(std::string_view name) const;
  // All values of a parameter.
  std::vector<std::string_view> values(std::string_view name) const;
};

// A long text for several clients at a time: in memory only once.
class SharedBody {
 public:
  explicit SharedBody(std::vector<std::string> pieces);

  const std::vector<std::string>& pieces() const { return pieces_; }
  std::size_t size() const { return size_; }
  std::string text() const;

  // The functions that disconnect its clients; a client adds and removes its own.
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
  std::string allow = {};                         // the allowed methods, with 405
  unsigned retry_after = 0;                       // seconds, with 503; 0: absent
  std::shared_ptr<const SharedBody> shared = {};  // instead of `body`
  std::size_t size() const { return shared ? shared->size() : body.size(); }
};

// 500, with a reference to the log.
HttpReply failed(std::string_view what);

// An answer that takes long to render. It is rendered in steps, between which other work goes on.
class Rendering {
 public:
  virtual ~Rendering() = default;
  // Renders for less than a millisecond; false: the answer is complete.
  virtual bool go() = 0;
  // The answer; to be called once.
  virtual HttpReply reply() = 0;
};

// How to render an answer. Requests with the same key get the same answer.
struct RenderJob {
  std::string key;
  std::function<std::unique_ptr<Rendering>()> start;
};

// Handlers run on the thread of the io_context, between steps of other work: they must be short.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

}  // namespace knm
