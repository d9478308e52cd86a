#include "controller/status/state.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "controller/status/json_text.hpp"
#include "controller/status/printable.hpp"
#include "controller/status/progress.hpp"
#include "controller/status/steps.hpp"
#include "controller/status/tiers.hpp"

namespace knm {
namespace {

std::string_view phase_of(const Engine& engine, const Surroundings& around) {
  if (engine.running()) return "running";
  if (!around.kubernetes_synced) return "waiting for Kubernetes";
  if (!around.election || around.election->leads) return "reading the config API's inventory";
  return around.election->leader.empty() ? "waiting for the leader election"
                                         : "standby: another instance is the leader";
}

// The last error of the config API that an entry has stored.
std::string last_error(const Table& table, const ProgressSnapshot& survey) {
  constexpr std::size_t enough = 1000;
  std::size_t looked_at = 0;
  for (const auto progress : {Progress::backing_off, Progress::in_flight, Progress::waiting})
    for (const auto id : survey.out_of_sync(progress)) {
      if (table[id].target_api() == TargetApi::config && !table[id].cold().error.empty()) return table[id].cold().error;
      if (++looked_at == enough) return {};
    }
  return {};
}

Json notifications(const Engine& engine, const Surroundings::Notifications& around) {
  Json out{{"state", around.state},
           {"heard_ms_ago", std::chrono::duration_cast<std::chrono::milliseconds>(around.since_heard).count()},
           {"streams", engine.watch_streams()},
           {"events", around.events},
           {"missed", engine.watch_missed()}};
  if (!around.error.empty()) out["error"] = printable(around.error);
  return out;
}

Json config_api(const Engine& engine, const ProgressSnapshot& survey, const Surroundings& around) {
  const bool answers = around.config_api_error.empty() && !engine.server_down();
  Json out{{"address", around.config_api}, {"answers", answers}};
  if (!answers)
    out["error"] =
        printable(around.config_api_error.empty() ? last_error(engine.table(), survey) : around.config_api_error);
  if (around.notifications) out["notifications"] = notifications(engine, *around.notifications);
  return out;
}

Json kubernetes(const Surroundings& around) {
  Json out = Json::object();
  if (!around.kubernetes_error.empty()) out["error"] = printable(around.kubernetes_error);
  out["watches"] = Json::array();
  for (const auto& watch : around.watches) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(watch.since_heard).count();
    Json element{{"resource", watch.resource}, {"heard_ms_ago", age}};
    if (watch.failures > 0) element["failures"] = watch.failures;
    if (!watch.error.empty()) element["error"] = printable(watch.error);
    out["watches"].push_back(std::move(element));
  }
  return out;
}

Json entry_counts(const ProgressSnapshot& survey) {
  auto out = Json::object();
  for (const auto& [kind, counts] : survey.counts()) {
    auto& states = out[std::string(kind)];
    for (int i = 0; i < progress_count; ++i)
      if (counts[i] > 0) states[std::string(name(static_cast<Progress>(i)))] = counts[i];
  }
  return out;
}

Json network(const Table& table, SlotId id) {
  const auto& entry = table[id];
  Json out{{"name", entry.name()}};
  if (entry.exists()) out["uuid"] = entry.uuid().text();
  out["desired"] = entry.is_desired();
  out["exists"] = entry.exists();
  out["state"] = name(progress_of(table, id));
  return out;
}

Steps networks(const Table& table, const ProgressSnapshot& survey, std::size_t limit, JsonText& out) {
  std::size_t count = 0;
  out.open('[');
  for (const auto& name : survey.networks()) {
    if (count >= limit) break;
    const auto id = table.find(contrail::Type::virtual_network, name);
    if (id != no_slot && is_ours(table[id])) out.value(network(table, id));
    if (pauses_after(count++)) co_await pause;
  }
  out.close();
}

Json outside_network(const Engine& engine, const std::string& name, bool global, std::size_t limit) {
  const auto* facts = engine.intent().outside(name);
  auto services = Json::array();
  if (facts)
    for (const auto& tier : facts->services)
      if (services.size() < limit) services.push_back(tier);
  Json out{{"network", name},
           {"global", global},
           {"exists", facts != nullptr},
           {"tier_count", facts ? facts->tiers.size() : 0},
           {"service_count", facts ? facts->services.size() : 0},
           {"services", std::move(services)}};
  if (const auto id = engine.table().find(contrail::Type::virtual_network, name);
      id != no_slot && engine.table()[id].is_desired())
    out["state"] = knm::name(progress_of(engine.table(), id));
  return out;
}

// The external networks.
Steps outside(const Engine& engine, std::size_t limit, JsonText& out) {
  std::set<std::string_view> globals;
  std::size_t round = 0;
  for (const auto& name : engine.settings().global_network) {
    globals.insert(name);
    if (pauses_after(round++)) co_await pause;
  }
  out.open('[');
  for (const auto& name : engine.intent().external_networks()) {
    out.value(outside_network(engine, name, globals.contains(name), limit));
    co_await pause;
  }
  out.close();
}

// How Pods reach the API server: by an address of its Service, or by the external service of its name.
std::optional<Json> api_server(const Engine& engine) {
  const auto* service = engine.intent().service("default/kubernetes");
  if (service == nullptr) return std::nullopt;
  Json out{{"service", "default/kubernetes"}, {"address", service->counts}};
  const auto& external = engine.settings().external_service;
  const auto stands_for_it = [](const auto& one) { return one.first == "kubernetes"; };
  if (std::any_of(external.begin(), external.end(), stands_for_it)) out["external_service"] = "kubernetes";
  return out;
}

// Retained networks without a Service, and whether their Namespace exists.
Steps retained(const Engine& engine, JsonText& out) {
  std::size_t round = 0;
  out.open('[');
  for (const auto& tier : engine.binder().loader().retained_tiers()) {
    if (pauses_after(round++)) co_await pause;
    const auto id = engine.binder().loader().retained(tier);
    if (id == no_slot) continue;
    const auto& network = engine.table()[id];
    out.value({{"tier", tier},
               {"network", network.name()},
               {"uuid", network.uuid().text()},
               {"namespace_exists", engine.intent().ns(ns_of(tier)) != nullptr}});
  }
  out.close();
}

// Ranges of shared networks that differ from the configuration so far.
Json pending_ranges(const Engine& engine) {
  auto out = Json::array();
  for (const auto& range : engine.binder().ranges().pending())
    out.push_back({{"network", range.network},
                   {"range", range.cidr.text()},
                   {"state", range.coming ? "cannot be added" : "cannot be removed yet"}});
  return out;
}

// What the mass-deletion guard holds.
Json guard(const Engine& engine) {
  auto out = Json::array();
  for (const auto& row : engine.guarded())
    out.push_back({{"what", row.what},
                   {"held", row.held},
                   {"of", row.of},
                   {"found_by", row.by_inventory ? "a start or an audit" : "a list"},
                   {"waits_for", row.confirmed ? "--allow-mass-delete" : "a second list"}});
  return out;
}

// --- Out of sync

Json out_of_step_entry(const Engine& engine, SlotId id, Progress progress, std::optional<Time> now) {
  const auto& entry = engine.table()[id];
  Json out{
      {"kind", kind_of(entry)}, {"name", entry.name()}, {"state", name(progress)}, {"intention", intention(entry)}};
  const auto decided = decision(engine.table(), id, now.value_or(Time::max()));
  out["check"] = decided.check;
  if (!decided.rule.empty()) out["rule"] = decided.rule;
  if (const auto unit = engine.binder().unit_of(id)) out["for"] = unit->key;
  if (const auto why = engine.why_held(id); !why.empty()) out["held_because"] = printable(std::string(why));
  if (!entry.cold().error.empty()) out["error"] = printable(entry.cold().error);
  if (entry.cold().attempts > 0) out["failures"] = entry.cold().attempts;
  if (entry.cold().attempts > 0 && now)
    out["retry_in_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::max(entry.cold().not_before - *now, Time{0}))
            .count();
  if (const auto hindrance = knm::hindrance(engine.table(), id))
    out["waits_for"] = {{"what", hindrance->what}, {"state", hindrance->state}, {"error", printable(hindrance->error)}};
  return out;
}

constexpr std::array troubles_first = {Progress::held, Progress::conflict,  Progress::backing_off,
                                       Progress::due,  Progress::in_flight, Progress::waiting};

Steps out_of_sync(const Engine& engine, const ProgressSnapshot& survey, const Surroundings& around, JsonText& out) {
  std::size_t listed = 0;
  out.open('[');
  for (const auto seen : troubles_first)
    for (const auto id : survey.out_of_sync(seen)) {
      if (listed >= around.limits.out_of_sync) break;
      const auto progress = progress_of(engine.table(), id);
      if (progress == Progress::settled || !is_ours(engine.table()[id])) continue;
      ++listed;
      out.value(out_of_step_entry(engine, id, progress, around.now));
      co_await pause;
    }
  out.close();
}

// The problems, or the notices.
Steps problems(const ProblemBook& book, bool notices, std::size_t limit, JsonText& out) {
  std::size_t listed = 0;
  std::optional<Subject> last;
  out.open('[');
  for (;;) {
    const auto at = last ? book.pages().upper_bound(*last) : book.pages().begin();
    if (at == book.pages().end() || listed >= limit) break;
    for (const auto& problem : at->second.all()) {
      if (problem.notice != notices) continue;
      if (listed++ >= limit) break;
      out.value({{"kind", name(at->first.kind)},
                 {"object", at->first.key},
                 {"reason", problem.reason},
                 {"message", printable(problem.message)}});
    }
    last = at->first;
    co_await pause;
  }
  out.close();
}

Json controller(const Engine& engine, const Surroundings& around) {
  Json out{{"version", around.version},
           {"owner", engine.binder().owners().ours()},
           {"phase", phase_of(engine, around)},
           {"read_only", engine.settings().read_only}};
  if (const auto& election = around.election)
    out["leader_election"] = {{"lease", election->ns + "/" + election->lease},
                              {"identity", election->identity},
                              {"leader", election->leader},
                              {"leads", election->leads}};
  if (!around.pod_state_policy.empty()) out["pod_state_policy"] = around.pod_state_policy;
  if (!around.pod_state_policy_why.empty()) out["pod_state_policy_why"] = printable(around.pod_state_policy_why);
  return out;
}

Json counts(const Engine& engine, const ProgressSnapshot& survey, const TierState& tiers, std::size_t access) {
  std::size_t out_of_sync = 0;
  for (const auto progress : troubles_first) out_of_sync += survey.count(progress);
  return {{"namespaces", engine.intent().unsorted_keys(UnitKind::ns).size()},
          {"occupied_namespaces", tiers.occupied_namespaces()},
          {"pods", tiers.pods()},
          {"pods_waiting", tiers.pods_waiting()},
          {"pod_tiers", tiers.pod_tiers()},
          {"service_tiers", tiers.service_tiers()},
          {"services", tiers.services()},
          {"addresses", tiers.addresses()},
          {"access", access},
          {"networks", survey.networks().size()},
          {"out_of_sync", out_of_sync},
          {"problems", engine.problems().total()},
          {"notices", engine.problems().notices()}};
}

}  // namespace

StateLimits StateLimits::none() {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  return {all, all, all, all, all, all, all, all, all, all, all};
}

struct StateText::Impl {
  Impl(const Engine& the_engine, Surroundings surroundings)
      : engine(the_engine), around(std::move(surroundings)), steps(write()) {}

  std::uint64_t changes() const { return around.changes ? *around.changes : 0; }
  Steps write();
  Steps write_head(const ProgressSnapshot& survey, const TierState& tiers, bool converged);
  Steps write_lists(const ProgressSnapshot& survey, const TierState& tiers);

  const Engine& engine;
  const Surroundings around;
  JsonText text;
  Steps steps;
};

Steps StateText::Impl::write() {
  ProgressSnapshot survey(engine, around.limits.out_of_sync);
  const auto before = changes();
  while (survey.go_on()) co_await pause;
  const bool settled =
      engine.running() && survey.all_settled() && engine.binder().addresses().without_address().empty();
  const bool converged = settled && (changes() == before || (engine.idle() && engine.intent().is_settled()));
  TierState tiers(engine, around.limits);
  for (auto part = tiers.collect(); part.go();) co_await pause;
  text.open('{');
  for (auto part = write_head(survey, tiers, converged); part.go();) co_await pause;
  for (auto part = write_lists(survey, tiers); part.go();) co_await pause;
  text.close();
}

Steps StateText::Impl::write_head(const ProgressSnapshot& survey, const TierState& tiers, bool converged) {
  const auto& settings = engine.settings();
  text.member("format", state_format).member("controller", controller(engine, around));
  if (auto held = guard(engine); !held.empty()) text.member("guard", std::move(held));
  text.member("config_api", config_api(engine, survey, around)).member("kubernetes", kubernetes(around));
  text.member("converged", converged);
  text.member("labels", {{"tier", settings.network_label}, {"uses", settings.service_label}});
  // Counted as they are listed, and reported before. Before the inventory is read, tiers have no facts yet.
  std::size_t access_count = 0;
  JsonText access;
  if (engine.running()) {
    for (auto part = tiers.access(access, access_count); part.go();) co_await pause;
  } else {
    access.value(Json::array());
  }
  text.member("counts", counts(engine, survey, tiers, access_count)).member("entries", entry_counts(survey));
  text.key("namespaces");
  if (engine.running()) {
    for (auto part = tiers.namespaces(text); part.go();) co_await pause;
  } else {
    text.value(Json::array());
  }
  text.member("access", std::move(access));
}

Steps StateText::Impl::write_lists(const ProgressSnapshot& survey, const TierState& tiers) {
  text.key("all_pods");
  if (engine.running()) {
    for (auto part = tiers.everybody(text); part.go();) co_await pause;
  } else {
    text.value(Json::array());
  }
  text.key("networks");
  for (auto part = networks(engine.table(), survey, around.limits.networks, text); part.go();) co_await pause;
  text.key("retained");
  for (auto part = retained(engine, text); part.go();) co_await pause;
  text.member("pending_ranges", pending_ranges(engine));
  if (auto reached = api_server(engine)) text.member("api_server", *reached);
  text.key("external_networks");
  for (auto part = outside(engine, around.limits.users, text); part.go();) co_await pause;
  text.key("out_of_sync");
  for (auto part = out_of_sync(engine, survey, around, text); part.go();) co_await pause;
  text.key("problems");
  for (auto part = problems(engine.problems(), false, around.limits.problems, text); part.go();) co_await pause;
  text.key("notices");
  for (auto part = problems(engine.problems(), true, around.limits.problems, text); part.go();) co_await pause;
}

StateText::StateText(const Engine& engine, Surroundings surroundings)
    : impl_(std::make_unique<Impl>(engine, std::move(surroundings))) {}
StateText::~StateText() = default;

bool StateText::go() { return impl_->steps.go(); }

std::vector<std::string> StateText::take() { return impl_->text.take().take(); }

Json state_of(const Engine& engine, const Surroundings& surroundings) {
  StateText text(engine, surroundings);
  while (text.go()) {
  }
  std::string whole;
  for (const auto& piece : text.take()) whole += piece;
  return Json::parse(whole);
}

}  // namespace knm
