#include "controller/serve/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "controller/serve/process_metrics.hpp"
#include "controller/serve/series.hpp"

namespace knm {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

// A local request takes milliseconds, a time-out some seconds.
const Histogram::BucketBoundaries request_buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     2.5,  5,     10,   30};
// An inventory takes milliseconds for a small config API, and a minute for a hundred thousand objects.
const Histogram::BucketBoundaries audit_buckets = {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300};
// The delay for users: from a few writes in a row to an outage of minutes.
const Histogram::BucketBoundaries network_buckets = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};

Family<Counter>& counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// "200"; <error> if there was no answer, as in client-go. A status that HTTP does not define counts as 600.
std::string code(int status) {
  if (status == 0) return "<error>";
  return std::to_string(status >= 100 && status < 600 ? status : 600);
}

constexpr std::array<std::string_view, 8> verbs = {"create",    "read",     "list",   "update",
                                                   "reference", "annotate", "delete", "resolve"};
constexpr std::array<std::string_view, 2> changes = {"pod", "service"};
constexpr std::array<std::string_view, 2> audit_results = {"failed", "complete"};
constexpr std::array<std::string_view, 3> policy_states = {"in_force", "not_in_force", "cannot_be_checked"};
constexpr std::array<std::string_view, 3> fates = {"sent", "suppressed", "failed"};
constexpr std::array<std::string_view, 5> events = {"added", "modified", "deleted", "bookmark", "error"};

template <class Enum, std::size_t Size>
std::string text(const std::array<std::string_view, Size>& names, Enum value) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

}  // namespace

std::string_view name(ConfigVerb verb) { return verbs.at(static_cast<std::size_t>(verb)); }

struct Metrics::Impl {
  Registry registry;
  ProcessMetrics process;
  std::function<void()> refresh = [] {};

  Family<Gauge>& build =
      gauge(registry, "kube_network_manager_build_info", "Always 1; the labels have the version and the compiler.");
  Family<Gauge>& leader = gauge(registry, "leader_election_master_status",
                                "1 while this instance is the leader of the lease in the label, else 0.");
  Family<Counter>& config_requests = counter(registry, "knm_config_api_requests_total",
                                             "Requests to the config API, by object type, verb and status code.");
  Family<Histogram>& config_durations = histogram(registry, "knm_config_api_request_duration_seconds",
                                                  "Time from a request to the config API to its answer, by verb.");
  Family<Counter>& kube_requests = counter(registry, "rest_client_requests_total",
                                           "Requests to the Kubernetes API, by status code, method and host.");
  Family<Histogram>& kube_durations =
      histogram(registry, "rest_client_request_duration_seconds",
                "Time from a request to the Kubernetes API to the header of its answer, by method and host.");
  Family<Counter>& watch_lists =
      counter(registry, "knm_watch_lists_total", "Lists of a Kubernetes resource that were read.");
  Family<Counter>& watch_starts =
      counter(registry, "knm_watch_starts_total", "Watches of a Kubernetes resource that were started or restarted.");
  Family<Counter>& watch_events =
      counter(registry, "knm_watch_events_total", "Watch events of a Kubernetes resource, by event type.");
  Family<Gauge>& cached =
      gauge(registry, "knm_cached_objects", "Objects of a Kubernetes resource in the cache of the controller.");
  Family<Gauge>& unreadable =
      gauge(registry, "knm_unreadable_objects",
            "Objects of a Kubernetes resource that the controller cannot read; the last known version stays valid.");
  Family<Gauge>& heard = gauge(registry, "knm_watch_last_heard_seconds",
                               "Time since the last list, event or bookmark of a Kubernetes resource.");
  Family<Gauge>& watch_versions =
      gauge(registry, "knm_watch_resource_version",
            "The resourceVersion up to which the cache has all changes of a Kubernetes resource; 0 before its list.");
  Family<Counter>& watch_failures =
      counter(registry, "knm_watch_failures_total", "Lists and watches of a Kubernetes resource that failed.");
  Family<Gauge>& objects =
      gauge(registry, "knm_objects", "Config objects that are desired or observed, by type and state.");
  Gauge& access_refused =
      gauge(registry, "knm_config_api_access_refused",
            "1 while the config API or Keystone refuses the login or a certificate is refused, else 0.")
          .Add({});
  Gauge& circuit_open = gauge(registry, "knm_config_api_circuit_open",
                              "1 while the config API does not answer or does not let the controller in, so that "
                              "requests wait, else 0.")
                            .Add({});
  Family<Gauge>& unverified = gauge(registry, "knm_tls_unverified",
                                    "1 for a server whose TLS certificate is not verified (config-api, keystone), "
                                    "else 0.");
  Counter& retries = counter(registry, "knm_reconcile_retries_total",
                             "Writes that were retried after a failure or an unknown outcome.")
                         .Add({});
  Family<Counter>& drifts = counter(registry, "knm_drift_total",
                                    "Changes of owned objects by other clients, by object type and kind of change.");
  Family<Counter>& patches =
      counter(registry, "knm_kubernetes_patches_total",
              "Patches of objects in Kubernetes, by kind (pod-state, service-status) and result.");
  Family<Counter>& overwrites = counter(registry, "knm_overwritten_total",
                                        "Overwrites of an object by another client, by kind and field manager.");
  Gauge& fights = gauge(registry, "knm_fights", "Objects that other clients overwrite repeatedly.").Add({});
  Family<Gauge>& writes_refused = gauge(registry, "knm_kubernetes_writes_refused",
                                        "1 while the API server refuses all patches of this kind, else 0.");
  Family<Gauge>& held = gauge(registry, "knm_held_deletions", "Config objects whose deletion is held, by reason.");
  Gauge& guard = gauge(registry, "knm_mass_delete_guard",
                       "1 while the mass-deletion guard holds deletions of a list, a start or an audit, else 0.")
                     .Add({});
  Family<Gauge>& policy = gauge(registry, "knm_pod_state_policy",
                                "1 for the current state of the admission policy that protects the annotation "
                                "opencontrail.org/pod-state of pods, 0 for the other states.");
  Family<Gauge>& withheld =
      gauge(registry, "knm_withheld_objects",
            "Objects of a Kubernetes resource that are missing from a list and kept by the mass-deletion guard.");
  Gauge& pods_waiting = gauge(registry, "knm_pods_waiting", "Pods that wait for their network.").Add({});
  Family<Gauge>& user_errors =
      gauge(registry, "knm_user_errors", "Requests of users that cannot be met, by the reason of the Event.");
  Family<Counter>& told_events =
      counter(registry, "knm_events_total",
              "Kubernetes Events of the controller, by result: sent, suppressed by the rate limit, or failed.");
  Family<Histogram>& network_times =
      histogram(registry, "knm_time_to_network_seconds",
                "Time from the change of a Pod or Service to the write of its network, by kind.");

  Family<Histogram>& audits =
      histogram(registry, "knm_audit_duration_seconds",
                "Time to read all objects of the config API at the start and in each audit, by result.");

  Gauge& audit_pause = gauge(registry, "knm_audit_pause_seconds",
                             "Pause between the last audit and the next audit; it grows with the duration of audits.")
                           .Add({});
  Family<Gauge>& config_watch =
      gauge(registry, "knm_config_watch_alive", "1 while the config API sends notifications of changes, else 0.");
  Family<Gauge>& config_watch_heard = gauge(registry, "knm_config_watch_last_heard_seconds",
                                            "Time since the last notification or sign of life of the config API.");
  Family<Counter>& config_watch_events =
      counter(registry, "knm_config_watch_events_total", "Notifications of the config API, by what they led to.");
  Counter& config_watch_streams = counter(registry, "knm_config_watch_streams_total",
                                          "Streams of notifications of the config API whose lists were complete.")
                                      .Add({});
  Counter& config_watch_missed =
      counter(registry, "knm_config_watch_missed_total",
              "Changes by other clients that an audit found and that no notification had shown.")
          .Add({});
  Counter& lines_lost = counter(registry, "knm_log_lines_lost_total",
                                "Log lines that were lost because the reader of the log was too slow.")
                            .Add({});

  Series<Counter> known_requests, known_patches;
  Series<Histogram> known_durations, known_network_times;
  std::map<std::string, Gauge*> reasons;        // every reason so far
  std::set<std::string, std::less<>> managers;  // the first few
};

Metrics::Metrics(const BuildInfo& build) : impl_(std::make_unique<Impl>()) {
  impl_->build.Add({{"version", build.version}, {"compiler", build.compiler}}).Set(1);
  // Series without an event are shown as zero: an absent series cannot trigger an alert.
  for (const auto changed : changes) {
    impl_->network_times.Add({{"kind", std::string(changed)}}, network_buckets);
  }
  for (const auto* server : {"config-api", "keystone"}) impl_->unverified.Add({{"server", server}});
  for (const auto result : audit_results) impl_->audits.Add({{"result", std::string(result)}}, audit_buckets);
  for (const auto fate : fates) impl_->told_events.Add({{"result", std::string(fate)}});
}

Metrics::~Metrics() = default;

void Metrics::config_request(std::string_view type, ConfigVerb verb, int status, Seconds duration) {
  const auto verb_text = text(verbs, verb);
  const auto status_text = code(status);
  const auto requests = [&]() -> Counter& {
    return impl_->config_requests.Add({{"type", std::string(type)}, {"verb", verb_text}, {"code", status_text}});
  };
  const auto durations = [&]() -> Histogram& {
    return impl_->config_durations.Add({{"verb", verb_text}}, request_buckets);
  };
  impl_->known_requests.of({type, verb_text, status_text}, requests).Increment();
  impl_->known_durations.of({verb_text}, durations).Observe(duration.count());
}

void Metrics::kube_request(std::string_view method, std::string_view host, int status, Seconds duration) {
  const std::string method_text(method);
  const std::string host_text(host);
  impl_->kube_requests.Add({{"method", method_text}, {"host", host_text}, {"code", code(status)}}).Increment();
  impl_->kube_durations.Add({{"verb", method_text}, {"host", host_text}}, request_buckets).Observe(duration.count());
}

void Metrics::watch_listed(std::string_view resource) {
  impl_->watch_lists.Add({{"resource", std::string(resource)}}).Increment();
}

void Metrics::watch_started(std::string_view resource) {
  impl_->watch_starts.Add({{"resource", std::string(resource)}}).Increment();
}

void Metrics::watch_event(std::string_view resource, WatchEvent event) {
  impl_->watch_events.Add({{"resource", std::string(resource)}, {"event", text(events, event)}}).Increment();
}

void Metrics::set_cached(std::string_view resource, std::size_t objects) {
  impl_->cached.Add({{"resource", std::string(resource)}}).Set(static_cast<double>(objects));
}

void Metrics::set_unreadable(std::string_view resource, std::size_t objects) {
  impl_->unreadable.Add({{"resource", std::string(resource)}}).Set(static_cast<double>(objects));
}

void Metrics::set_watch(std::string_view resource, Seconds since_heard, std::uint64_t failures) {
  impl_->heard.Add({{"resource", std::string(resource)}}).Set(since_heard.count());
  auto& failed = impl_->watch_failures.Add({{"resource", std::string(resource)}});
  failed.Increment(static_cast<double>(failures) - failed.Value());
}

void Metrics::set_watch_version(std::string_view resource, std::uint64_t version) {
  impl_->watch_versions.Add({{"resource", std::string(resource)}}).Set(static_cast<double>(version));
}

void Metrics::set_objects(std::string_view type, std::string_view state, std::size_t count) {
  impl_->objects.Add({{"type", std::string(type)}, {"state", std::string(state)}}).Set(static_cast<double>(count));
}

void Metrics::set_access_refused(bool refused) { impl_->access_refused.Set(refused ? 1 : 0); }

void Metrics::set_circuit_open(bool open) { impl_->circuit_open.Set(open ? 1 : 0); }

void Metrics::set_unverified(std::string_view server) {
  impl_->unverified.Add({{"server", std::string(server)}}).Set(1);
}

void Metrics::reconcile_retried() { impl_->retries.Increment(); }

void Metrics::drifted(std::string_view type, std::string_view kind) {
  impl_->drifts.Add({{"type", std::string(type)}, {"kind", std::string(kind)}}).Increment();
}

void Metrics::patched(std::string_view kind, std::string_view result) {
  const auto patches = [&]() -> Counter& {
    return impl_->patches.Add({{"kind", std::string(kind)}, {"result", std::string(result)}});
  };
  impl_->known_patches.of({kind, result}, patches).Increment();
}

void Metrics::overwritten(std::string_view kind, std::string_view manager) {
  constexpr std::size_t most = 20;
  auto name = manager.empty() ? std::string("unknown") : std::string(manager);
  if (!impl_->managers.contains(name) && impl_->managers.size() >= most) name = "other";
  impl_->managers.insert(name);
  impl_->overwrites.Add({{"kind", std::string(kind)}, {"manager", name}}).Increment();
}

void Metrics::set_fights(std::size_t objects) { impl_->fights.Set(static_cast<double>(objects)); }

void Metrics::set_writes_refused(std::string_view kind, bool refused) {
  impl_->writes_refused.Add({{"kind", std::string(kind)}}).Set(refused ? 1 : 0);
}

void Metrics::set_held(std::string_view reason, std::size_t count) {
  impl_->held.Add({{"reason", std::string(reason)}}).Set(static_cast<double>(count));
}

void Metrics::set_guard(bool holds) { impl_->guard.Set(holds ? 1 : 0); }

void Metrics::set_withheld(std::string_view resource, std::size_t objects) {
  impl_->withheld.Add({{"resource", std::string(resource)}}).Set(static_cast<double>(objects));
}

void Metrics::set_leader(std::string_view lease, bool leads) {
  impl_->leader.Add({{"name", std::string(lease)}}).Set(leads ? 1 : 0);
}

void Metrics::set_audit_pause(Seconds pause) { impl_->audit_pause.Set(pause.count()); }

void Metrics::set_config_watch(bool alive, Seconds since_heard) {
  impl_->config_watch.Add({}).Set(alive ? 1 : 0);
  impl_->config_watch_heard.Add({}).Set(since_heard.count());
}

void Metrics::set_config_watch_events(std::string_view result, std::uint64_t total) {
  auto& counter = impl_->config_watch_events.Add({{"result", std::string(result)}});
  counter.Increment(static_cast<double>(total) - counter.Value());
}

void Metrics::set_config_watch_streams(std::uint64_t total) {
  impl_->config_watch_streams.Increment(static_cast<double>(total) - impl_->config_watch_streams.Value());
}

void Metrics::set_config_watch_missed(std::uint64_t total) {
  impl_->config_watch_missed.Increment(static_cast<double>(total) - impl_->config_watch_missed.Value());
}

void Metrics::set_log_lines_lost(std::uint64_t total) {
  impl_->lines_lost.Increment(static_cast<double>(total) - impl_->lines_lost.Value());
}

void Metrics::set_pod_state_policy(std::string_view state) {
  std::string found(state);
  std::replace(found.begin(), found.end(), ' ', '_');
  for (const auto known : policy_states) impl_->policy.Add({{"state", std::string(known)}}).Set(known == found ? 1 : 0);
}

void Metrics::set_pods_waiting(std::size_t count) { impl_->pods_waiting.Set(static_cast<double>(count)); }

void Metrics::set_user_errors(const std::map<std::string, std::size_t>& by_reason) {
  for (const auto& [reason, gauge] : impl_->reasons) {
    if (!by_reason.contains(reason)) gauge->Set(0);
  }
  for (const auto& [reason, count] : by_reason) {
    auto& gauge = impl_->user_errors.Add({{"reason", reason}});
    impl_->reasons[reason] = &gauge;
    gauge.Set(static_cast<double>(count));
  }
}

void Metrics::set_events(EventFate fate, std::uint64_t total) {
  auto& counter = impl_->told_events.Add({{"result", text(fates, fate)}});
  counter.Increment(static_cast<double>(total) - counter.Value());
}

void Metrics::audited(bool complete, Seconds duration) {
  impl_->audits.Add({{"result", std::string(audit_results.at(complete ? 1 : 0))}}, audit_buckets)
      .Observe(duration.count());
}

void Metrics::network_written(Changed changed, Seconds since_change) {
  const auto kind = text(changes, changed);
  const auto times = [&]() -> Histogram& { return impl_->network_times.Add({{"kind", kind}}, network_buckets); };
  impl_->known_network_times.of({kind}, times).Observe(since_change.count());
}

void Metrics::before_scrape(std::function<void()> refresh) { impl_->refresh = std::move(refresh); }

HttpReply Metrics::scrape() const {
  impl_->refresh();
  auto families = impl_->registry.Collect();
  auto process = impl_->process.Collect();
  families.insert(families.end(), std::make_move_iterator(process.begin()), std::make_move_iterator(process.end()));
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(families)};
}

}  // namespace knm
