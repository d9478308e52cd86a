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

// The controller's view of the cluster and its progress, as JSON for programs: the content of GET /state and the input
// of the report.
//
//   format       state_format
//   controller   version, owner (of this cluster), phase, read_only, pod_state_policy (whether other
//                clients cannot write Pods' annotation: "in force", "not in force", "cannot be checked"; absent: not
//                checked), pod_state_policy_why (if it is not known to be in force), leader_election (absent: none)
//                lease, identity (of this instance), leader (its identity; empty: not known), leads (this instance)
//   guard        what the mass-deletion guard holds, by kind: what, held, of, waits_for; absent: nothing
//   config_api   address, answers, error (if it does not), notifications (absent: switched off) state ("following",
//                "not offered", …), heard_ms_ago, streams (so far), events, missed (changes that an audit found and no
//                event had shown), error (why the last stream or attempt ended; absent: it goes on)
//   kubernetes   error (the watch of a kind was silent for too long; absent: none), watches [resource, heard_ms_ago,
//                failures (in a row), error]
//   converged    everything is in sync
//   labels       the label keys for tiers and uses
//   counts       of all lists below, without limits
//   entries      the number of objects for each kind and progress ("in sync", "in flight", "due", "waiting",
//                "backing off", "conflict", "held")
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
//   pending_ranges  [network, range, state]: of shared networks, not as configured yet
//   external_networks  [network, global, exists, tier_count (pod tiers that are connected to it), services (service
//                tiers that it replaces), state (of its policy references; absent: none)]: networks that the
//                configuration names
//   api_server   service ("default/kubernetes"), address (whether a floating IP leads there), external_service
//                (the tier that stands for it; absent: none): how Pods reach the API server, as far as known;
//                absent: the cluster has no such Service
//   out_of_sync  [kind, name, state, intention, for, held_because, error, failures, retry_in_ms,
//                waits_for [what, state, error]]
//   problems     [kind, object, reason, message]: parts of users' objects that cannot be applied
//   notices      the same members; information that is not an error
//
// Tiers are "ns/tier". A list that a limit may cut has its full length beside it (pod_count, user_count, …) or in
// counts.
namespace knm {

// The version of the format: raised when a member changes its meaning or is removed, not when one is added.
inline constexpr int state_format = 1;

// Limits on the lists for a big cluster; a list that is cut has its full count beside it.
struct StateLimits {
  std::size_t namespaces = 200;   // with Pods or Services; in the order of their names
  std::size_t tiers = 200;        // of each kind, in a namespace
  std::size_t pods = 50;          // of a tier, and backends of a Service; those without their network first
  std::size_t all_pods = 4000;    // in all; at least three for each tier
  std::size_t services = 200;     // of a tier
  std::size_t users = 200;        // of a service tier
  std::size_t uses = 200;         // of a pod tier; those that are open first
  std::size_t access = 2000;      // connections in all
  std::size_t networks = 200;     // in the config API
  std::size_t out_of_sync = 100;  // entries; conflicts and failures first
  std::size_t problems = 100;     // in users' objects
  static StateLimits none();      // everything
};

// This instance in the leader election.
struct ElectionState {
  std::string ns, lease;  // the names of the Lease and its Namespace
  std::string identity;   // of this instance
  std::string leader;     // the identity of the leader, as last seen; empty: none, or not known
  bool leads = false;
};

// Information from outside the engine.
struct Surroundings {
  std::string version;           // of this program
  std::string config_api;        // "http://127.0.0.1:8082"
  std::string config_api_error;  // why its inventory could not be read; empty: it was read
  struct Notifications {
    std::string state;  // "following"
    std::chrono::nanoseconds since_heard{0};
    std::uint64_t events = 0;
    std::string error;  // why the last stream or attempt ended; empty: it goes on
  };
  std::optional<Notifications> notifications;  // of the config API; nullopt: switched off
  // Whether other clients cannot write the annotation of Pods; empty: not checked.
  std::string pod_state_policy, pod_state_policy_why;
  // The kinds whose watches were silent for too long; empty: none.
  std::string kubernetes_error;
  struct Watch {
    std::string resource;  // "pods"
    std::chrono::nanoseconds since_heard{0};
    std::size_t failures = 0;  // in a row
    std::string error;
  };
  std::vector<Watch> watches;
  std::optional<ElectionState> election;  // nullopt: there is none
  // The first lists of Kubernetes are complete.
  bool kubernetes_synced = true;
  // The time of the engine; if absent, delays are left out.
  std::optional<Time> now;
  // A counter of the engine's changes; null: the engine does not change during the rendering.
  const std::uint64_t* changes = nullptr;
  StateLimits limits;
};

// The state as text, made step by step: the engine may change between two steps, so it does not show a single moment.
// Each entry, Pod and Service is shown as it is when it is written; those deleted by then are left out, new ones are
// not listed; the counts are those of a walk at the beginning. `converged` is only true if everything was in sync at
// some moment of it.
//
// Before the engine runs, `namespaces`, `access` and `everybody` are empty, and the counts are only those of Kubernetes
// objects. Has no side effects. A step is short, except three that copy the keys of all Pods or of all Services, or the
// Pods of one tier or one Service: a millisecond for ten thousand.
class StateText {
 public:
  // The engine must outlive it.
  StateText(const Engine& engine, Surroundings surroundings);
  ~StateText();
  StateText(const StateText&) = delete;
  StateText& operator=(const StateText&) = delete;

  // Does a step; false: the text is complete.
  bool go();
  // The text in order, in pieces.
  std::vector<std::string> take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same at once, for tests.
nlohmann::ordered_json state_of(const Engine& engine, const Surroundings& surroundings = {});

}  // namespace knm
