#include "controller/serve/routes.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "controller/log/loggers.hpp"

namespace knm {
namespace {

// Origin form (`/metrics?a=b`), or absolute form as sent by proxies.
std::optional<HttpRequest> decoded(std::string_view target) {
  auto url = boost::urls::parse_origin_form(target);
  if (!url) url = boost::urls::parse_absolute_uri(target);
  if (!url) return std::nullopt;
  HttpRequest request;
  request.path = url->path();
  if (request.path.empty()) request.path = "/";
  for (const auto& parameter : url->params()) request.query.emplace_back(parameter.key, parameter.value);
  return request;
}

}  // namespace

HttpReply failed(std::string_view what) {
  return {.status = 500, .body = "500: " + std::string(what) + " failed; see the log\n"};
}

bool HttpRequest::has(std::string_view name) const {
  return std::any_of(query.begin(), query.end(), [&](const auto& parameter) { return parameter.first == name; });
}

std::vector<std::string_view> HttpRequest::values(std::string_view name) const {
  std::vector<std::string_view> result;
  for (const auto& [key, value] : query) {
    if (key == name) result.emplace_back(value);
  }
  return result;
}

SharedBody::SharedBody(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {
  for (const auto& piece : pieces_) size_ += piece.size();
}

std::string SharedBody::text() const {
  std::string out;
  for (const auto& piece : pieces_) out += piece;
  return out;
}

void Routes::add(std::string path, std::string summary, HttpHandler handler) {
  routes_.insert_or_assign(std::move(path), Route{std::move(summary), std::move(handler)});
}

void Routes::add(std::string path, std::string summary, std::function<HttpReply()> handler) {
  add(std::move(path), std::move(summary), [inner = std::move(handler)](const HttpRequest&) { return inner(); });
}

void Routes::add_rendered(std::string path, std::string summary, std::function<RenderJob(const HttpRequest&)> handler) {
  routes_.insert_or_assign(std::move(path), Route{std::move(summary), std::move(handler)});
}

HttpReply Routes::not_found(const std::string& path) const {
  std::string body = "404: unknown path " + path + ". Known paths:\n";
  std::size_t width = 0;
  for (const auto& [name, route] : routes_) width = std::max(width, name.size());
  for (const auto& [name, route] : routes_) {
    body += "  " + name + std::string(width - name.size(), ' ') + "  " + route.summary + "\n";
  }
  return {.status = 404, .body = std::move(body)};
}

std::variant<HttpReply, RenderJob> Routes::answer_or_job(std::string_view method, std::string_view target) const {
  const auto request = decoded(target);
  if (!request) return HttpReply{.status = 400, .body = "400: the target of the request is not a path\n"};
  const auto route = routes_.find(request->path);
  if (route == routes_.end()) return not_found(request->path);
  if (method != "GET" && method != "HEAD") {
    return HttpReply{
        .status = 405, .body = "405: " + request->path + " supports only GET and HEAD\n", .allow = "GET, HEAD"};
  }
  try {
    return route->second.handler(*request);
  } catch (const std::exception& failure) {
    log::http.error("handler failed", {{"path", request->path}, {"error", failure.what()}});
    return failed(request->path);
  }
}

HttpReply Routes::answer(std::string_view method, std::string_view target) const {
  auto answer = answer_or_job(method, target);
  if (auto* reply = std::get_if<HttpReply>(&answer)) return std::move(*reply);
  const auto rendering = std::get<RenderJob>(answer).start();
  while (rendering->go()) {
  }
  return rendering->reply();
}

}  // namespace knm
