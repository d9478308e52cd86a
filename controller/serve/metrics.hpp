#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controller/serve/http_message.hpp"

namespace knm {

// The labels of kube_network_manager_build_info.
struct BuildInfo {
  std::string version;
  std::string compiler;
};

// The kinds of requests to the config API.
enum class ConfigVerb : std::uint8_t { create, read, list, update, reference, annotate, remove, resolve };
std::string_view name(ConfigVerb verb);

// The objects whose network delay is measured.
enum class Changed : std::uint8_t { pod, service };

// The events of a watch of a Kubernetes resource.
enum class WatchEvent : std::uint8_t { added, modified, deleted, bookmark, error };

// The outcomes of an Event.
enum class EventFate : std::uint8_t { sent, suppressed, failed };

// All metrics of /metrics. Recording is thread-safe and costs about a microsecond. Labels are bounded: they are types,
// verbs, codes, states and reasons from the code, never names from users; of the names of field managers only the first
// twenty.
class Metrics {
 public:
  using Seconds = std::chrono::duration<double>;

  explicit Metrics(const BuildInfo& build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // One request to the config API and its answer. `type`: "virtual-network"; `status`: of the answer, 0: there is none.
  void config_request(std::string_view type, ConfigVerb verb, int status, Seconds duration);
  // One request to the Kubernetes API, with the labels of client-go: method in upper case, host with its port.
  void kube_request(std::string_view method, std::string_view host, int status, Seconds duration);

  // Watches, by resource ("pods").
  void watch_listed(std::string_view resource);   // a full list was fetched
  void watch_started(std::string_view resource);  // a watch began, or began again
  void watch_event(std::string_view resource, WatchEvent event);
  void set_cached(std::string_view resource, std::size_t objects);
  void set_unreadable(std::string_view resource, std::size_t objects);
  // Time since the last event of a resource, and the number of its failed lists and watches since the start.
  void set_watch(std::string_view resource, Seconds since_heard, std::uint64_t failures);
  // The cache of a resource has all changes up to this resourceVersion.
  void set_watch_version(std::string_view resource, std::uint64_t version);

  // The number of config objects of a type in a state. Other states keep their number.
  void set_objects(std::string_view type, std::string_view state, std::size_t count);
  // Whether the config API does not let this program in; and a server whose certificate is not verified.
  void set_access_refused(bool refused);
  // Whether requests to the config API wait, since it does not answer.
  void set_circuit_open(bool open);
  void set_unverified(std::string_view server);
  void reconcile_retried();
  // Another client changed an owned object.
  void drifted(std::string_view type, std::string_view kind);
  // A patch of a Kubernetes object was answered; `kind`: "pod-state".
  void patched(std::string_view kind, std::string_view result);
  // A fight over an object. `manager`: the other writer, as the API server names it; empty: unknown. A few names are
  // kept, the others count as "other".
  void overwritten(std::string_view kind, std::string_view manager);
  void set_fights(std::size_t objects);
  // Whether the API server refuses all patches of a kind.
  void set_writes_refused(std::string_view kind, bool refused);
  // The number of held deletions, by reason; and whether the mass-deletion guard holds any.
  void set_held(std::string_view reason, std::size_t count);
  void set_guard(bool holds);
  // Whether this instance is the leader, by the name of the lease; not called without a leader election.
  void set_leader(std::string_view lease, bool leads);
  // The number of objects of a resource that lists have missed, and that are kept.
  void set_withheld(std::string_view resource, std::size_t objects);
  // The pause after the last audit, which grows with the duration of audits.
  void set_audit_pause(Seconds pause);
  // The notifications of the config API: whether a stream is complete and not lost, and the time since its last sign of
  // life. Not called without a stream since the start.
  void set_config_watch(bool alive, Seconds since_heard);
  // Totals since the start, which never decrease: events by result, complete streams, and changes that an audit found
  // and no event had shown.
  void set_config_watch_events(std::string_view result, std::uint64_t total);
  void set_config_watch_streams(std::uint64_t total);
  void set_config_watch_missed(std::uint64_t total);
  // Lines of the log that were dropped.
  void set_log_lines_lost(std::uint64_t total);
  // Whether other clients cannot write the annotation of Pods: "in force", "not in force", "cannot be checked".
  void set_pod_state_policy(std::string_view state);
  void set_pods_waiting(std::size_t count);
  // All present user errors, by reason; a reason that is absent is set to zero.
  void set_user_errors(const std::map<std::string, std::size_t>& by_reason);
  // The total number of Events with this outcome since the start; never decreases.
  void set_events(EventFate fate, std::uint64_t total);
  // An inventory or an audit has ended; `complete`: it read everything.
  void audited(bool complete, Seconds duration);
  // From a change to the last write that it caused.
  void network_written(Changed changed, Seconds since_change);

  // Called at the beginning of every scrape, on its thread, to set the gauges of present objects.
  void before_scrape(std::function<void()> refresh);

  // Prometheus' text format, version 0.0.4.
  HttpReply scrape() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace knm
