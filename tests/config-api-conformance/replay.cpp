#include "tests/config-api-conformance/replay.hpp"

#include <istream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/config-api-conformance/comparison.hpp"

namespace conformance {
namespace {

using nlohmann::json;

standin::Request make_request(const json& recording, const std::string& host, const Bindings& bindings) {
  standin::Request request;
  request.method = recording.at("method").get<std::string>();
  request.target = bindings.fill_in(recording.at("path").get<std::string>());
  request.host = host;
  request.headers.emplace_back("Content-Type", "application/json");
  if (recording.contains("raw_body")) {
    request.body = recording["raw_body"].get<std::string>();
  } else if (!recording.at("body").is_null()) {
    request.body = bindings.fill_in(recording["body"].dump());
  }
  const std::size_t padded = recording.value("pad_to", std::size_t{0});
  if (padded > request.body.size()) request.body.append(padded - request.body.size(), ' ');
  const json headers = recording.value("headers", json::object());
  for (const auto& [name, value] : headers.items()) {
    if (name == "Host") {
      request.host = value.get<std::string>();
    } else {
      request.headers.emplace_back(name, bindings.fill_in(value.get<std::string>()));
    }
  }
  return request;
}

void bind_headers(const json& recording, const standin::Response& response, Bindings& bindings) {
  const json bound = recording.value("bind", json::object());
  for (const auto& [name, variable] : bound.items()) {
    for (const auto& [header, value] : response.headers) {
      if (header == name) bindings.bind(variable.get<std::string>(), value);
    }
  }
}

std::optional<std::string> find_difference(const json& recording, const standin::Request& request,
                                           const standin::Response& response, Bindings& bindings) {
  const int status = recording.at("status").get<int>();
  if (response.status != status) {
    return "status: expected " + std::to_string(status) + ", got " + std::to_string(response.status) + ": " +
           response.body;
  }
  const std::string& how = recording.at("compare").get_ref<const std::string&>();
  if (how == "status") return std::nullopt;
  const json answer = json::parse(response.body, nullptr, false);
  if (answer.is_discarded()) return "the answer is not JSON: " + response.body;
  return find_difference(recording.at("answer"), answer,
                         {how == "exact", recording.value("ordered", false), request.host}, bindings);
}

std::string describe(int line, const json& recording, const standin::Request& request, const std::string& difference) {
  return "line " + std::to_string(line) + " (" + recording.at("section").get<std::string>() + ": " +
         recording.at("case").get<std::string>() + ")\n  " + request.method + " " + request.target + "\n  " +
         request.body.substr(0, 2000) + "\n  " + difference;
}

}  // namespace

ReplayResult replay(std::istream& recordings, const std::string& host, const Server& server) {
  ReplayResult result;
  Bindings bindings;
  for (std::string text; std::getline(recordings, text);) {
    const json recording = json::parse(text, nullptr, false);
    if (!recording.is_object()) {
      throw std::runtime_error("line " + std::to_string(result.lines + 1) + " of the recordings is no JSON object");
    }
    const standin::Request request = make_request(recording, host, bindings);
    const standin::Response response = server(request);
    bind_headers(recording, response, bindings);
    ++result.lines;
    const auto difference = find_difference(recording, request, response, bindings);
    if (!difference) continue;
    if (++result.differing == 1) result.first = describe(result.lines, recording, request, *difference);
  }
  return result;
}

}  // namespace conformance
