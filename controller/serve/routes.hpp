#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "controller/serve/http_message.hpp"

namespace knm {

// Which path is answered by whom. Pure: knows no socket.
class Routes {
 public:
  // `summary`: a few words for the list that an unknown path is answered with. A path added again replaces the former.
  void add(std::string path, std::string summary, HttpHandler handler);
  void add(std::string path, std::string summary, std::function<HttpReply()> handler);

  // The answer to a request of this method and target (path and query as sent). HEAD is answered as GET, the caller
  // leaves the body out. 400: the target is not one; 404 with the list of paths; 405; 500: the handler threw.
  HttpReply answer(std::string_view method, std::string_view target) const;

 private:
  struct Route {
    std::string summary;
    HttpHandler handler;
  };

  HttpReply not_found(const std::string& path) const;

  std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace knm
