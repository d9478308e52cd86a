#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "controller/serve/http_message.hpp"

namespace knm {

// Which path is answered by whom. Pure: knows no socket.
class Routes {
 public:
  // `summary`: a few words for the list that an unknown path is answered with. A path added again replaces the former.
  void add(std::string path, std::string summary, HttpHandler handler);
  void add(std::string path, std::string summary, std::function<HttpReply()> handler);

  // A path whose answers take long to make.
  void add_rendered(std::string path, std::string summary, std::function<RenderJob(const HttpRequest&)> handler);

  // The answer to a request of this method and target (path and query as sent). HEAD is answered as GET, the caller
  // leaves the body out. 400: the target is not one; 404 with the list of paths; 405.
  // A handler that throws is answered by 500.
  std::variant<HttpReply, RenderJob> answer_or_job(std::string_view method, std::string_view target) const;
  // The same, what is rendered at once.
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
