#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "controller/engine/engine.hpp"

// What the controller makes of the cluster and how far it is, as JSON for programs: what GET /state serves and what the
// report is rendered from.
//
//   format       state_format
//   controller   version, owner (what our marks are signed by), phase, read_only, pod_state_policy (whether others are
//                kept from writing Pods' annotation: "in force", "not in force", "cannot be checked"; absent: not
//                looked for), pod_state_policy_why (where it is not known to be in force)
//   guard        what the mass-deletion guard holds, by kind: what, held, of, waits_for; absent: nothing
//   config_api   address, answers, error (where it does not)
//   kubernetes   error (nothing was heard of a kind for too long; absent: all are), watches [resource, heard_ms_ago,
//                failures (in a row), error]
//   converged    everything is in sync, nothing is left to do
//   labels       the keys that make a tier and a use
//   counts       of all that is listed below, uncut
//   entries      how many objects of each kind are how far ("in sync", "in flight", "due", "waiting", "backing off",
//                "conflict", "held")
//   namespaces   [name, project, pod_tiers, service_tiers]
//     pod_tiers      [tier, network, pods [name, addresses, interface, connected, waits_for], uses [tier, pods of them
//                    that name it, of how many, open, why_not, never (it will not be)], use_count]
//     service_tiers  [tier, network, policy, users, services [name, headless, load_balancer, addresses [address, kind,
//                    name, state], backends [pod, namespace, addresses], port_mappings (of its first
//                    family)]]
//   access       [from, to, why, policy, state, direct (pod tiers reached without an address)]: by `uses`
//   all_pods     [to, rule, namespace (null: all), open, user_count, policy, state]: by configuration
//   networks     [name, uuid, desired, exists, state]
//   retained     [tier, network, uuid, namespace_exists]: of cluster-service tiers without a Service
//   pending_ranges  [network, range, state]: of shared networks, that are not as configured yet
//   external_networks  [network, global, exists, tier_count (pod tiers that are connected to it), services (service
//                tiers whose place it takes), state (of what we attach to it; absent: nothing)]: networks that the
//                configuration names
//   api_server   service ("default/kubernetes"), address (whether one of ours leads there), external_service (the tier
//                that stands for it; absent: none): how Pods reach the API server, as far as it is seen here; absent
//                where the cluster has no such Service
//   out_of_sync  [kind, name, state, intention, for, held_because, error, failures, retry_in_ms,
//                waits_for [what, state, error]]
//   problems     [kind, object, reason, message]: what in users' objects cannot be honoured
//   notices      likewise: what is not wrong, but good to know
//
// Tiers are "ns/tier". A list that a limit may cut has its full length beside it (pod_count, user_count, …) or in
// counts.
namespace knm {

// The number of the form: raised when a member changes its meaning or goes, not when one is added.
inline constexpr int state_format = 1;

// How much of a big cluster is listed; whatever is cut has its full count beside it.
struct StateLimits {
  std::size_t namespaces = 200;   // of those with pods or Services; in order of their names
  std::size_t tiers = 200;        // of each kind, in a namespace
  std::size_t pods = 50;          // of a tier, and Pods behind a Service; those without their network first
  std::size_t all_pods = 4000;    // in all; a tier's share of it is at least three
  std::size_t services = 200;     // of a tier
  std::size_t users = 200;        // of a service tier
  std::size_t uses = 200;         // of a pod tier; those that are open first
  std::size_t access = 2000;      // connections in all
  std::size_t networks = 200;     // in the config API
  std::size_t out_of_sync = 100;  // entries; conflicts and failures first
  std::size_t problems = 100;     // in users' objects
  static StateLimits none();      // everything
};

// What the engine does not know about where it runs.
struct Surroundings {
  std::string version;           // of this program
  std::string config_api;        // "http://127.0.0.1:8082"
  std::string config_api_error;  // why its inventory could not be read; empty where it was
  // Whether others are kept from writing the annotation of Pods; empty: not looked for.
  std::string pod_state_policy, pod_state_policy_why;
  // Of which kinds nothing was heard for too long; empty where there is none.
  std::string kubernetes_error;
  struct Watch {
    std::string resource;  // "pods"
    std::chrono::nanoseconds since_heard{0};
    std::size_t failures = 0;  // in a row
    std::string error;
  };
  std::vector<Watch> watches;
  // The first lists of Kubernetes are complete.
  bool kubernetes_synced = true;
  // The time that the engine is told; without it no "in how long" is said.
  std::optional<Time> now;
  // A count that grows whenever the engine was told something; null: it is told nothing meanwhile.
  const std::uint64_t* changes = nullptr;
  StateLimits limits;
};

// The state as text, made step by step: between two steps the engine may be told anything. So it is no picture of
// one moment. Each entry, Pod and Service is told as it is when its turn comes; who has gone by then is left out, who
// has come since is not listed; the counts are those of a walk at the beginning. `converged` is only said if nothing
// was left to do at some moment of it.
//
// Before the engine runs, `namespaces`, `access` and `everybody` are empty and only the counts of what Kubernetes has
// shown are told. Changes nothing. A step is short, but for three that copy the keys of all Pods or of all Services, or
// the Pods of one tier or one Service: a millisecond for ten thousand.
class StateText {
 public:
  // The engine outlives it.
  StateText(const Engine& engine, Surroundings surroundings);
  ~StateText();
  StateText(const StateText&) = delete;
  StateText& operator=(const StateText&) = delete;

  // Goes on for a step; false: it is complete.
  bool go();
  // The text in order, in pieces.
  std::vector<std::string> take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same in one go, for tests.
nlohmann::ordered_json state_of(const Engine& engine, const Surroundings& surroundings = {});

}  // namespace knm
