#include "tests/config-api/server/control.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/config-api/server/server.hpp"

namespace standin {
namespace {

using nlohmann::json;

Response reply(const json& body, int status = 200) { return {status, "application/json", body.dump() + "\n", {}}; }
Response fail(int status, const std::string& why) { return reply({{"error", why}}, status); }

json stats_of(Server& server) {
  json stats = server.service().stats().as_json();
  stats["faults"] = server.service().faults().counters();
  stats["objects"] = server.service().api().counts();
  stats["latency_now_ms"] = server.service().faults().latency_now_ms();
  stats["down"] = server.is_down();
  stats["frozen"] = server.service().frozen();
  stats["watches"] = server.service().streams().size();
  return stats;
}

Response get_stats(Server& server, const Request& /*request*/) { return reply(stats_of(server)); }

Response reset_stats(Server& server, const Request& /*request*/) {
  server.service().stats().reset();
  server.service().faults().reset_counters();
  return reply(stats_of(server));
}

Response get_faults(Server& server, const Request& /*request*/) { return reply(server.service().faults().settings()); }

Response change_faults(Server& server, const Request& request) {
  Service& service = server.service();
  if (auto error = service.faults().change(json::parse(request.body, nullptr, false))) return fail(400, *error);
  service.freeze_if_due();
  for (WatchStream* stream : service.streams()) stream->wake();
  return reply(service.faults().settings());
}

Response clear_faults(Server& server, const Request& /*request*/) {
  server.service().faults().clear();
  for (WatchStream* stream : server.service().streams()) stream->wake();
  return reply(server.service().faults().settings());
}

Response go_down(Server& server, const Request& request) {
  const json body = json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  const json seconds = body.is_object() ? body.value("seconds", json(0)) : json();
  if (!seconds.is_number() || seconds.get<double>() < 0) return fail(400, R"(expected {"seconds": N})");
  if (seconds.get<double>() == 0 && !server.has_control()) {
    return fail(400, "down without seconds can only be lifted at a control address: start the server with --control");
  }
  server.go_down(seconds.get<double>());
  return reply({{"down", true}});
}

Response go_up(Server& server, const Request& /*request*/) {
  server.go_up();
  return reply({{"down", server.is_down()}});
}

Response thaw(Server& server, const Request& /*request*/) {
  server.thaw();
  return reply({{"frozen", false}});
}

Response end_watches(Server& server, void (WatchStream::*end)()) {
  const auto& streams = server.service().streams();
  for (WatchStream* stream : streams) (stream->*end)();
  return reply({{"watches", streams.size()}});
}

Response stop_watches(Server& server, const Request& /*request*/) { return end_watches(server, &WatchStream::stop); }
Response cut_watches(Server& server, const Request& /*request*/) { return end_watches(server, &WatchStream::cut); }

Response dump(Server& server, const Request& /*request*/) {
  return {200, "application/json", server.service().api().dump() + "\n", {}};
}

struct Endpoint {
  std::string_view method;
  std::string_view path;
  Response (*answer)(Server&, const Request&);
};

constexpr Endpoint kEndpoints[] = {
    {"GET", "/_control/stats", get_stats},
    {"POST", "/_control/stats/reset", reset_stats},
    {"GET", "/_control/faults", get_faults},
    {"PUT", "/_control/faults", change_faults},
    {"DELETE", "/_control/faults", clear_faults},
    {"POST", "/_control/down", go_down},
    {"POST", "/_control/up", go_up},
    {"POST", "/_control/thaw", thaw},
    {"POST", "/_control/watches/stop", stop_watches},
    {"POST", "/_control/watches/cut", cut_watches},
    {"GET", "/_control/dump", dump},
};

}  // namespace

bool is_control_request(const Request& request) {
  return request.target == "/_control" || request.target.starts_with("/_control/");
}

Response answer_control(Server& server, const Request& request) {
  std::string known;
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.method == request.method && endpoint.path == request.target) return endpoint.answer(server, request);
    known += (known.empty() ? "" : ", ") + std::string(endpoint.method) + " " + std::string(endpoint.path);
  }
  return fail(404, "no " + request.method + " " + request.target + "; there are " + known);
}

}  // namespace standin
