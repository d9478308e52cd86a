#include "controller/run/observer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "controller/log/loggers.hpp"

namespace knm {
namespace {

// The names of steps with a request to the config API in metrics and in the log.
struct RequestWords {
  Step step;
  ConfigVerb verb;
  std::string_view done;
};
constexpr std::array request_words{
    RequestWords{Step::create, ConfigVerb::create, "created"},
    RequestWords{Step::put, ConfigVerb::update, "updated"},
    RequestWords{Step::ref_add, ConfigVerb::reference, "added a reference"},
    RequestWords{Step::ref_remove, ConfigVerb::reference, "removed a reference"},
    RequestWords{Step::annotate, ConfigVerb::annotate, "wrote owner annotations"},
    RequestWords{Step::remove, ConfigVerb::remove, "deleted"},
    RequestWords{Step::verify, ConfigVerb::read, "verified"},
    RequestWords{Step::list_dependents, ConfigVerb::read, "listed dependents"},
};

const RequestWords* words_of(Step step) {
  const auto found = std::find_if(request_words.begin(), request_words.end(),
                                  [&](const RequestWords& words) { return words.step == step; });
  return found == request_words.end() ? nullptr : &*found;
}

// The names of Progress as label values, without blanks by Prometheus' convention.
std::string label_of(Progress progress) {
  std::string label(name(progress));
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

double milliseconds(Time time) { return std::chrono::duration<double, std::milli>(time).count(); }

}  // namespace

void Observer::operator()(const Report& report) const {
  static const Entry none;
  const auto& entry = report.entry == no_slot ? none : engine_->table()[report.entry];
  switch (report.kind) {
    case Report::Kind::request_sent:
    case Report::Kind::came:
      break;
    case Report::Kind::answered:
      answered(report, entry);
      break;
    case Report::Kind::pod_ready:
      metrics_.network_written(Changed::pod, report.duration);
      log::reconcile.info("Pod has its network", {{"pod", entry.name().view()}, {"ms", milliseconds(report.duration)}});
      break;
    case Report::Kind::conflict:
      log::reconcile.warning(
          "name or uuid belongs to another owner; the object is left alone, and its dependents wait",
          {{"type", contrail::name(entry.type())}, {"name", entry.name().view()}, {"uuid", entry.uuid().text()}});
      break;
    case Report::Kind::drift:
      metrics_.drifted(kind_of(entry), name(report.drift));
      warn(entry, "another client changed an owned object; the controller repairs it",
           {{"type", kind_of(entry)},
            {"name", entry.name().view()},
            {"drift", name(report.drift)},
            {"what", report.text}});
      break;
    case Report::Kind::patched:
      patched(report, entry);
      break;
    case Report::Kind::overwritten:
      metrics_.overwritten(kind_of(entry), report.text);
      warn(entry, "another client overwrites an object repeatedly; the controller repairs it at growing intervals",
           {{"type", kind_of(entry)},
            {"name", entry.name().view()},
            {"writer", report.text.empty() ? std::string_view("unknown") : std::string_view(report.text)}});
      break;
    case Report::Kind::writes_refused:
      metrics_.set_writes_refused(kind_of(entry), true);
      log::reconcile.error("the API server refuses all patches", {{"why", report.text}});
      break;
    case Report::Kind::writes_taken:
      metrics_.set_writes_refused(kind_of(entry), false);
      log::reconcile.info("the API server accepts patches again", {{"type", kind_of(entry)}});
      break;
    case Report::Kind::address_taken:
      log::reconcile.info("address belongs to another owner; another address is chosen",
                          {{"name", entry.name().view()}});
      break;
    case Report::Kind::server_down:
      log::reconcile.warning("the config API does not answer; circuit breaker open, one probe at a time",
                             {{"error", report.text}});
      break;
    case Report::Kind::server_up:
      log::reconcile.info("the config API answers again; circuit breaker closed");
      break;
    case Report::Kind::range_stays:
      log::reconcile.warning(
          "range was removed from the configuration; its subnet stays while an address is in use or another cluster "
          "uses the network",
          {{"network", entry.name().view()}, {"range", report.text}});
      break;
    case Report::Kind::range_blocked:
      log::reconcile.warning("configured range cannot be added to its network: an existing subnet overlaps it",
                             {{"network", entry.name().view()}, {"range", report.text}});
      break;
    case Report::Kind::retained:
      log::reconcile.warning(
          "the last Service of a cluster-service tier was deleted; its network is retained, because a gateway may be "
          "bound to it",
          {{"tier", report.text}, {"network", entry.name().view()}, {"uuid", entry.uuid().text()}});
      break;
    case Report::Kind::held:
      log::reconcile.warning(
          "deletion of an owned object is held",
          {{"type", contrail::name(entry.type())}, {"name", entry.name().view()}, {"why", report.text}});
      break;
    case Report::Kind::guard:
      log::reconcile.error("mass-deletion guard holds deletions", {{"why", report.text}});
      break;
    case Report::Kind::guard_over:
      log::reconcile.info("mass-deletion guard released all deletions");
      break;
    case Report::Kind::taken_over:
      log::reconcile.warning("taking over the objects of the previous cluster with this cluster-name",
                             {{"kube_system_uid", report.text}});
      break;
    case Report::Kind::out_of_addresses:
      log::reconcile.warning("no free address", {{"pod", report.text}});
      break;
    case Report::Kind::external_network_found:
      log::reconcile.info("external network found; it will be connected", {{"network", entry.name().view()}});
      break;
    case Report::Kind::external_network_lost:
      log::reconcile.info("external network deleted or owned by another owner; it will be disconnected",
                          {{"network", entry.name().view()}});
      break;
    case Report::Kind::network_closed:
      log::reconcile.warning(
          "external network has only policies of this controller; they block all other traffic of the network",
          {{"network", entry.name().view()}, {"uuid", entry.uuid().text()}});
      break;
  }
}

void Observer::answered(const Report& report, const Entry& entry) const {
  const auto* words = words_of(report.step);
  if (words)
    metrics_.config_request(contrail::name(entry.type()), words->verb, report.status,
                            std::chrono::duration_cast<Metrics::Seconds>(report.duration));
  if (report.text.empty()) {
    const auto level = report.step == Step::verify ? log::Level::debug : log::Level::info;
    log::reconcile.write(level, words ? words->done : "done",
                         {{"type", contrail::name(entry.type())},
                          {"name", entry.name().view()},
                          {"uuid", entry.uuid().text()},
                          {"ms", milliseconds(report.duration)}});
    return;
  }
  const bool expected = (report.step == Step::create && report.status == 409) ||
                        (report.step == Step::verify && report.status == 404) ||
                        (report.step == Step::remove && report.status == 404);
  constexpr std::string_view message = "request to the config API failed; it will be retried";
  const std::initializer_list<log::Field> fields{{"type", contrail::name(entry.type())},
                                                 {"name", entry.name().view()},
                                                 {"verb", words ? name(words->verb) : std::string_view("patch")},
                                                 {"error", report.text}};
  if (expected) return log::reconcile.debug(message, fields);
  metrics_.reconcile_retried();
  warn(entry, message, fields);
}

void Observer::patched(const Report& report, const Entry& entry) const {
  metrics_.patched(kind_of(entry), name(report.result));
  if (report.result == PatchResult::done) return;
  metrics_.reconcile_retried();
  // The object is being deleted.
  if (report.result == PatchResult::gone)
    return log::reconcile.debug("patch skipped, the object was deleted",
                                {{"type", kind_of(entry)}, {"name", entry.name().view()}});
  warn(entry, "patch failed; it will be retried",
       {{"type", kind_of(entry)},
        {"name", entry.name().view()},
        {"result", name(report.result)},
        {"error", report.text}});
}

void Observer::warn(const Entry& entry, std::string_view message, log::Fields fields) const {
  const auto line = text_digest(message) ^ text_digest(entry.name());
  if (!limit_.take(line, std::chrono::steady_clock::now().time_since_epoch()))
    return log::reconcile.debug(message, fields);
  log::reconcile.warning(message, fields);
  if (const auto left_out = limit_.take_left_out(); left_out > 0)
    log::reconcile.warning("log lines suppressed by the rate limit", {{"lines", left_out}});
}

void Observer::set_counts() const {
  const auto& progress = engine_->progress();
  for (int i = 0; i < contrail::type_count; ++i) {
    const auto type = static_cast<contrail::Type>(i);
    for (int j = 0; j < progress_count; ++j)
      metrics_.set_objects(contrail::name(type), label_of(static_cast<Progress>(j)),
                           progress.count(type, static_cast<Progress>(j)));
  }
  // Every reason has a value, so that none keeps an old one. Items that the guard keeps in an object count as held by
  // it.
  for (int i = 1; i < deletion_hold_count; ++i) {
    const auto reason = static_cast<DeletionHold>(i);
    const auto kept_items = reason == DeletionHold::guard ? progress.held(DeletionHold::none) : 0;
    metrics_.set_held(name(reason), progress.held(reason) + kept_items);
  }
  metrics_.set_circuit_open(engine_->server_down());
  metrics_.set_guard(!engine_->guarded().empty());
  metrics_.set_pods_waiting(engine_->intent().pods_without_state());
  metrics_.set_user_errors(engine_->problems().by_reason());
  metrics_.set_fights(engine_->overwritten());
  for (int i = 0; i < notified_count; ++i)
    metrics_.set_config_watch_events(name(static_cast<Notified>(i)),
                                     engine_->notified().at(static_cast<std::size_t>(i)));
  metrics_.set_config_watch_streams(engine_->watch_streams());
  metrics_.set_config_watch_missed(engine_->watch_missed());
}

}  // namespace knm
