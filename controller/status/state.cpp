#include "controller/status/state.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "controller/status/printable.hpp"
#include "controller/status/survey.hpp"
#include "controller/status/tiers.hpp"

namespace knm {
namespace {

using Json = nlohmann::ordered_json;

std::string_view phase_of(const Engine& engine, const Surroundings& around) {
  if (engine.running()) return "running";
  return around.kubernetes_synced ? "reading the config API's inventory" : "waiting for Kubernetes";
}

// What the config API last said or did not say, as far as an entry remembers it.
std::string last_error(const Table& table, const Survey& survey) {
  for (const auto progress : {Progress::backing_off, Progress::in_flight, Progress::waiting})
    for (const auto id : survey.out_of_step(progress))
      if (table[id].home == Home::config && !table[id].aside->error.empty()) return table[id].aside->error;
  return {};
}

Json config_api(const Engine& engine, const Survey& survey, const Surroundings& around) {
  const bool answers = around.config_api_error.empty() && !engine.server_down();
  Json out{{"address", around.config_api}, {"answers", answers}};
  if (!answers)
    out["error"] =
        printable(around.config_api_error.empty() ? last_error(engine.table(), survey) : around.config_api_error);
  return out;
}

Json entry_counts(const Survey& survey) {
  auto out = Json::object();
  for (const auto& [kind, counts] : survey.counts()) {
    auto& states = out[std::string(kind)];
    for (int i = 0; i < progress_count; ++i)
      if (counts[i] > 0) states[std::string(name(static_cast<Progress>(i)))] = counts[i];
  }
  return out;
}

Json networks(const Table& table, const Survey& survey, std::size_t limit) {
  auto out = Json::array();
  for (const auto id : survey.networks()) {
    if (out.size() >= limit) break;
    const auto& entry = table[id];
    Json network{{"name", entry.name}};
    if (entry.exists) network["uuid"] = entry.uuid().text();
    network["wanted"] = entry.wanted;
    network["exists"] = entry.exists;
    network["state"] = name(survey.progress(id));
    out.push_back(std::move(network));
  }
  return out;
}

// Networks that the configuration names.
Json outside(const Engine& engine, const Survey& survey, std::size_t limit) {
  auto out = Json::array();
  const auto& globals = engine.settings().global_network;
  for (const auto& name : engine.intent().outside_networks()) {
    const auto* facts = engine.intent().outside(name);
    auto services = Json::array();
    if (facts)
      for (const auto& tier : facts->services)
        if (services.size() < limit) services.push_back(tier);
    const bool global = std::find(globals.begin(), globals.end(), name) != globals.end();
    Json network{{"network", name},
                 {"global", global},
                 {"exists", facts != nullptr},
                 {"tier_count", facts ? facts->tiers.size() : 0},
                 {"service_count", facts ? facts->services.size() : 0},
                 {"services", std::move(services)}};
    if (const auto id = engine.table().find(contrail::Type::virtual_network, name);
        id != no_slot && engine.table()[id].wanted)
      network["state"] = knm::name(survey.progress(id));
    out.push_back(std::move(network));
  }
  return out;
}

// Networks of cluster-service tiers that stay without a Service, and whether their Namespace is there.
Json retained(const Engine& engine) {
  auto out = Json::array();
  for (const auto& tier : engine.binder().outliving_tiers()) {
    const auto id = engine.binder().retained(tier);
    if (id == no_slot) continue;
    const auto& network = engine.table()[id];
    out.push_back({{"tier", tier},
                   {"network", network.name},
                   {"uuid", network.uuid().text()},
                   {"namespace_exists", engine.intent().ns(ns_of(tier)) != nullptr}});
  }
  return out;
}

// Ranges of shared networks that are not as configured yet.
Json pending_ranges(const Engine& engine) {
  auto out = Json::array();
  for (const auto& range : engine.binder().pending_ranges())
    out.push_back({{"network", range.network},
                   {"range", range.cidr.text()},
                   {"state", range.coming ? "cannot be added" : "cannot go yet"}});
  return out;
}

// --- Out of step
// ----------------------------------------------------------------------------------------------------------

Json out_of_step_entry(const Engine& engine, const Survey& survey, SlotId id, std::optional<Time> now) {
  const auto& entry = engine.table()[id];
  Json out{{"kind", kind_of(entry)},
           {"name", entry.name},
           {"state", name(survey.progress(id))},
           {"intention", survey.intention(id)}};
  if (const auto unit = engine.binder().unit_of(id)) out["for"] = unit->key;
  if (const auto why = engine.why_held(id); !why.empty()) out["held_because"] = printable(std::string(why));
  if (!entry.aside->error.empty()) out["error"] = printable(entry.aside->error);
  if (entry.aside->attempts > 0) out["failures"] = entry.aside->attempts;
  if (entry.aside->attempts > 0 && now)
    out["retry_in_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::max(entry.aside->not_before - *now, Time{0}))
            .count();
  if (const auto hindrance = survey.hindrance(id))
    out["waits_for"] = {{"what", hindrance->what}, {"state", hindrance->state}, {"error", printable(hindrance->error)}};
  return out;
}

Json out_of_step(const Engine& engine, const Survey& survey, const Surroundings& around, std::size_t& total) {
  total = 0;
  auto out = Json::array();
  for (const auto progress : {Progress::held, Progress::conflict, Progress::backing_off, Progress::due,
                              Progress::in_flight, Progress::waiting}) {
    const auto& slots = survey.out_of_step(progress);
    total += slots.size();
    for (const auto id : slots) {
      if (out.size() >= around.limits.out_of_step) break;
      out.push_back(out_of_step_entry(engine, survey, id, around.now));
    }
  }
  return out;
}

Json problems(const ProblemBook& book, std::size_t limit, std::size_t& total) {
  total = 0;
  auto out = Json::array();
  for (const auto& [subject, page] : book.pages())
    for (const auto& problem : page.all())
      if (total++ < limit)
        out.push_back({{"kind", name(subject.kind)},
                       {"object", subject.key},
                       {"reason", problem.reason},
                       {"message", printable(problem.message)}});
  return out;
}

}  // namespace

StateLimits StateLimits::none() {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  return {all, all, all, all, all, all, all, all, all, all};
}

Json state_of(const Engine& engine, const Surroundings& around) {
  const Survey survey(engine);
  const TierState tiers(engine, survey, around.limits);
  const auto& settings = engine.settings();
  const bool converged = engine.running() && survey.all_settled() && engine.binder().without_address().empty();

  // Before the inventory is read, the facts of tiers are not made yet.
  std::size_t access_count = 0, out_of_step_count = 0, problem_count = 0;
  auto access = engine.running() ? tiers.access(access_count) : Json::array();
  auto behind = out_of_step(engine, survey, around, out_of_step_count);
  auto found = problems(engine.problems(), around.limits.problems, problem_count);

  Json out;
  out["format"] = state_format;
  out["controller"] = {{"version", around.version},
                       {"owner", engine.binder().owner()},
                       {"phase", phase_of(engine, around)},
                       {"read_only", settings.read_only}};
  if (const auto& brake = engine.brake()) out["brake"] = {{"pods", brake->pods}, {"of_pods", brake->managed}};
  out["config_api"] = config_api(engine, survey, around);
  out["converged"] = converged;
  out["labels"] = {{"tier", settings.network_label}, {"uses", settings.service_label}};
  out["counts"] = {{"namespaces", engine.intent().keys(UnitKind::ns).size()},
                   {"occupied_namespaces", tiers.occupied_namespaces()},
                   {"pods", tiers.pods()},
                   {"pods_waiting", tiers.pods_waiting()},
                   {"pod_tiers", tiers.pod_tiers()},
                   {"service_tiers", tiers.service_tiers()},
                   {"services", tiers.services()},
                   {"addresses", tiers.addresses()},
                   {"access", access_count},
                   {"networks", survey.networks().size()},
                   {"out_of_step", out_of_step_count},
                   {"problems", problem_count}};
  out["entries"] = entry_counts(survey);
  out["namespaces"] = engine.running() ? tiers.namespaces() : Json::array();
  out["access"] = std::move(access);
  out["everybody"] = engine.running() ? tiers.everybody() : Json::array();
  out["networks"] = networks(engine.table(), survey, around.limits.networks);
  out["retained"] = retained(engine);
  out["pending_ranges"] = pending_ranges(engine);
  out["outside"] = outside(engine, survey, around.limits.users);
  out["out_of_step"] = std::move(behind);
  out["problems"] = std::move(found);
  return out;
}

}  // namespace knm
