#pragma once

#include <chrono>

#include "controller/serve/metrics.hpp"

namespace knm {

// Calls every recording function once, so that every family has a series.
inline void record_everything(Metrics& metrics) {
  using namespace std::chrono_literals;
  metrics.config_request("virtual-network", ConfigVerb::create, 200, 3ms);
  metrics.kube_request("GET", "127.0.0.1:6443", 200, 3ms);
  metrics.watch_listed("pods");
  metrics.watch_started("pods");
  metrics.watch_event("pods", WatchEvent::added);
  metrics.set_cached("pods", 1);
  metrics.set_unreadable("pods", 1);
  metrics.set_watch("pods", 3s, 1);
  metrics.set_objects("virtual-network", "in_sync", 1);
  metrics.set_access_refused(true);
  metrics.set_circuit_open(true);
  metrics.set_unverified("config-api");
  metrics.reconcile_retried();
  metrics.drifted("floating-ip", "changed");
  metrics.set_held("unexplained", 1);
  metrics.set_guard(true);
  metrics.set_leader("kube-network-manager", true);
  metrics.set_withheld("pods", 200);
  metrics.set_audit_pause(60s);
  metrics.set_log_lines_lost(1);
  metrics.set_pod_state_policy("not in force");
  metrics.set_pods_waiting(1);
  metrics.set_user_errors({{"AddressTaken", 1}});
  metrics.set_events(EventFate::sent, 1);
  metrics.network_written(Changed::service, 50ms);
}

}  // namespace knm
