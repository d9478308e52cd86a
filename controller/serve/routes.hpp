#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "controller/serve/http_message.hpp"

namespace knm {

// Maps paths to handlers. Pure: has no socket.
class Routes {
 public:
  // `summary`: a few words for the list in the 404 answer. A path that is added again replaces the former one.
  void add(std::string path, std::string summary, HttpHandler handler);
  void add(std::string path, std::string summary, std::function<HttpReply()> handler);

  // A path with slow answers.
  void add_rendered(std::string path, std::string summary, std::function<RenderJob(const HttpRequest&)> handler);

  // The answer to a request with this method and target (path and query as sent). HEAD is answered like GET, and the
  // caller leaves out the body. 400: the target is invalid; 404 with the list of paths; 405. 500: the handler threw an
  // exception.
  std::variant<HttpReply, RenderJob> answer_or_job(std::string_view method, std::string_view target) const;
  // The same; slow answers are rendered at once.
  HttpReply answer(std::string_view method, std::string_view target) const;

 private:
  struct Route {
    std::string summary;
    std::function<std::variant<HttpReply, RenderJob>(const HttpRequest&)> handler;
  };

  HttpReply not_found(const std::string& path) const;

  std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace knm
