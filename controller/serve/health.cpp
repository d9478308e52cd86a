#include "controller/serve/health.hpp"

#include <algorithm>
#include <utility>

namespace knm {

void Health::add(Probe probe, std::string name, Check check) {
  entries_.push_back({probe, std::move(name), std::move(check)});
}

HttpReply Health::answer(Probe probe, const HttpRequest& request) const {
  const auto excluded = request.values("exclude");
  const auto is_excluded = [&](const std::string& name) {
    return std::find(excluded.begin(), excluded.end(), name) != excluded.end();
  };
  std::string lines = "[+]ping ok\n";
  bool well = true;
  for (const auto& entry : entries_) {
    if (entry.probe != probe) continue;
    if (is_excluded(entry.name)) {
      lines += "[+]" + entry.name + " excluded: ok\n";
    } else if (const auto fault = entry.check()) {
      well = false;
      lines += "[-]" + entry.name + " failed: " + *fault + "\n";
    } else {
      lines += "[+]" + entry.name + " ok\n";
    }
  }
  const std::string name = request.path.empty() ? "" : request.path.substr(1);
  lines += name + (well ? " check passed\n" : " check failed\n");
  if (!well) return {.status = 503, .body = std::move(lines)};
  return {.body = request.has("verbose") ? std::move(lines) : "ok"};
}

void Health::serve(Routes& routes) const {
  const auto answer_for = [this](Probe probe) {
    return HttpHandler([this, probe](const HttpRequest& request) { return answer(probe, request); });
  };
  routes.add("/livez", "the liveness check; ?verbose lists the checks", answer_for(Probe::live));
  routes.add("/healthz", "the same as /livez", answer_for(Probe::live));
  routes.add("/readyz", "the readiness check; ?verbose lists the checks", answer_for(Probe::ready));
}

}  // namespace knm
