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

// What kube_network_manager_build_info shows.
struct BuildInfo {
  std::string version;
  std::string compiler;
};

// What a request to the config API does.
enum class ConfigVerb : std::uint8_t { create, read, list, update, reference, annotate, remove, resolve };
std::string_view name(ConfigVerb verb);

// What an event is about, for the time that its network takes.
enum class Changed : std::uint8_t { pod, service };

// What a watch of a Kubernetes resource brings.
enum class WatchEvent : std::uint8_t { added, modified, deleted, bookmark, error };

// What became of an Event that was worth writing.
enum class EventFate : std::uint8_t { sent, suppressed, failed };

// Everything that /metrics shows. Recording is thread-safe and costs about a microsecond. Labels are bounded: they hold
// types, verbs, codes, states and reasons, which the code names, never names that users choose; of the
// names of field managers the first twenty.
class Metrics {
 public:
  using Seconds = std::chrono::duration<double>;

  explicit Metrics(const BuildInfo& build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // One request to the config API and its answer. `type`: "virtual-network"; `status`: that of the answer, 0 where none
  // came.
  void config_request(std::string_view type, ConfigVerb verb, int status, Seconds duration);
  // One request to the Kubernetes API, labelled as client-go does: method in upper case, host with its port.
  void kube_request(std::string_view method, std::string_view host, int status, Seconds duration);

  // Watches, by resource ("pods").
  void watch_listed(std::string_view resource);   // a full list was fetched
  void watch_started(std::string_view resource);  // a watch began, or began again
  void watch_event(std::string_view resource, WatchEvent event);
  void set_cached(std::string_view resource, std::size_t objects);
  void set_unreadable(std::string_view resource, std::size_t objects);
  // How long ago something was heard of a resource, and how many of its lists and watches have failed since the start.
  void set_watch(std::string_view resource, Seconds since_heard, std::uint64_t failures);

  // How many config objects of a type are in a state. States that are not set again keep their number.
  void set_objects(std::string_view type, std::string_view state, std::size_t count);
  void reconcile_retried();
  // Somebody changed an object under us.
  void drifted(std::string_view type, std::string_view kind);
  // A patch of an object in Kubernetes was answered; `kind`: "pod-state".
  void patched(std::string_view kind, std::string_view result);
  // Others write to an object again and again. `manager`: who, as the API server calls it; empty: not known. Of the
  // names a few are kept, the others count as "other".
  void overwritten(std::string_view kind, std::string_view manager);
  void set_fights(std::size_t objects);
  // Whether the API server takes none of our patches of a kind.
  void set_writes_refused(std::string_view kind, bool refused);
  // How many deletions are held, by the reason; and whether it is the guard against mass deletion that holds.
  void set_held(std::string_view reason, std::size_t count);
  void set_guard(bool holds);
  // How many objects of a resource lists have missed, and stay all the same.
  void set_withheld(std::string_view resource, std::size_t objects);
  // The pause after the last audit, which grows with what audits take.
  void set_audit_pause(Seconds pause);
  // Lines of the log that were not taken.
  void set_log_lines_lost(std::uint64_t total);
  // Whether others are kept from writing the annotation of Pods: "in force", "not in force", "cannot be checked".
  void set_pod_state_policy(std::string_view state);
  void set_pods_waiting(std::size_t count);
  // All user errors that exist now, by reason; a reason that is left out goes to zero.
  void set_user_errors(const std::map<std::string, std::size_t>& by_reason);
  // How many Events had this fate since the start; never fewer than before.
  void set_events(EventFate fate, std::uint64_t total);
  // The config API's objects were read, at the start or in an audit; `complete`: to the end.
  void audited(bool complete, Seconds duration);
  // From a change to the last write that it caused.
  void network_written(Changed changed, Seconds since_change);

  // Called at the beginning of every scrape, on its thread: the place to set what is a count of something that is there
  // anyhow. What takes long to count is counted in steps, each as rendering goes on; false: that was the last one.
  using Refresh = std::function<bool()>;
  void before_scrape(std::function<Refresh()> begin);

  // Prometheus' text format, version 0.0.4, in steps. Must not outlive this.
  std::unique_ptr<Rendering> begin_scrape() const;
  // The same in one go.
  HttpReply scrape() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace knm
