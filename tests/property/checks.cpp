#include "tests/property/checks.hpp"

#include <cstdlib>
#include <iterator>

#include "controller/events/reasons.hpp"
#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

testing::AssertionResult all_of(const std::vector<std::string>& errors, const std::string& title) {
  if (errors.empty()) return testing::AssertionSuccess();
  auto out = testing::AssertionFailure() << title << ":";
  for (const auto& line : errors) out << "\n  " << line;
  return out;
}

const char* name_of(Step step) {
  constexpr const char* names[] = {"nothing", "wait_for", "wait_gone",  "later",           "batch",  "create",
                                   "put",     "ref_add",  "ref_remove", "annotate",        "remove", "verify",
                                   "patch",   "withdraw", "conflict",   "list_dependents", "hold"};
  static_assert(std::size(names) == static_cast<std::size_t>(Step::hold) + 1);
  return names[static_cast<std::size_t>(step)];
}

std::string describe(const Entry& entry) {
  return std::string(entry.target_api() == TargetApi::config ? contrail::name(entry.type()) : "pod-state") + " " +
         entry.name() + (entry.is_desired() ? ", desired" : "") + (entry.exists() ? ", exists" : "") +
         (entry.cold().error.empty() ? "" : ", error: " + entry.cold().error);
}

std::vector<std::string> keys_of(const Intent& intent, UnitKind kind) {
  const auto keys = intent.keys(kind);
  return {keys.begin(), keys.end()};
}

ReportedProblems problems_of_services(World& world) {
  ReportedProblems out;
  for (const auto& [subject, page] : world.engine().problems().pages())
    for (const auto& problem : page.all())
      if (subject.kind == SubjectKind::service) out[subject.key].push_back({problem.reason, problem.message});
  return out;
}

}  // namespace

testing::AssertionResult converges(World& world) {
  if (world.converge())
    return world.runs() && world.engine().idle() ? counts_are_correct(world.engine()) : testing::AssertionSuccess();
  auto out = testing::AssertionFailure() << "does not converge after " << world.log().size()
                                         << " requests; the last ones:";
  const auto& log = world.log();
  for (std::size_t i = log.size() > 20 ? log.size() - 20 : 0; i < log.size(); ++i)
    out << "\n  " << log[i].status << " " << log[i].request.method << " " << log[i].request.target << " "
        << log[i].request.body.substr(0, 300);
  return out << "\n" << nothing_left_to_do(world.engine(), world.now()).message();
}

testing::AssertionResult counts_are_correct(const Engine& engine) {
  std::vector<std::string> errors;
  std::map<std::pair<contrail::Type, Progress>, std::vector<SlotId>> walked;
  std::map<DeletionHold, std::size_t> held;
  for (SlotId id = 0; id < engine.table().size(); ++id) {
    const auto& entry = engine.table()[id];
    if (entry.target_api() != TargetApi::config || !is_ours(entry)) continue;
    const auto progress = progress_of(engine.table(), id);
    walked[{entry.type(), progress}].push_back(id);
    if (progress == Progress::held) ++held[entry.deletion_hold()];
  }
  for (int i = 0; i < contrail::type_count; ++i)
    for (int j = 0; j < progress_count; ++j) {
      const auto type = static_cast<contrail::Type>(i);
      const auto progress = static_cast<Progress>(j);
      const auto& found = walked[{type, progress}];
      if (engine.progress().count(type, progress) == found.size()) continue;
      errors.push_back(std::string(contrail::name(type)) + " " + std::string(name(progress)) + ": " +
                       std::to_string(engine.progress().count(type, progress)) + " instead of " +
                       std::to_string(found.size()) +
                       (found.empty() ? "" : ", such as " + describe(engine.table()[found[0]])));
    }
  for (int i = 0; i < deletion_hold_count; ++i) {
    const auto reason = static_cast<DeletionHold>(i);
    if (engine.progress().held(reason) != held[reason])
      errors.push_back("held as " + std::string(name(reason)) + ": " + std::to_string(engine.progress().held(reason)) +
                       " instead of " + std::to_string(held[reason]));
  }
  return all_of(errors, "counts");
}

testing::AssertionResult nothing_left_to_do(const Engine& engine, Time now) {
  std::vector<std::string> errors;
  for (SlotId id = 0; id < engine.table().size(); ++id) {
    const auto action = next(engine.table(), id, now);
    if (action.step == Step::nothing && action.also_wait_for.empty()) continue;
    if (action.step == Step::conflict && engine.table()[id].is_in_conflict())
      continue;  // a known conflict that another client must end
    errors.push_back(std::string(name_of(action.step)) + ": " + describe(engine.table()[id]) +
                     (action.slot == no_slot ? "" : "  <- " + describe(engine.table()[action.slot])));
  }
  return all_of(errors, "left to do");
}

testing::AssertionResult incremental_equals_full(const Intent& intent, const Cluster& cluster,
                                                 const Settings& settings) {
  Intent full(settings);
  full.set_possession(intent.possession());
  for (const auto& name : intent.refused_namespaces()) full.refuse_namespace(name, true);
  for (const auto& [key, object] : cluster.slices) full.put(object);
  for (const auto& [key, object] : cluster.services) full.put(object);
  for (const auto& [key, object] : cluster.pods) full.put(object);
  for (const auto& [key, object] : cluster.namespaces) full.put(object);
  for (const auto& network : intent.keys(UnitKind::external_network)) full.put_external_network(network, true);
  full.settle();
  std::vector<std::string> errors;
  const auto compare = [&](UnitKind kind, const char* name, auto&& facts) {
    const auto is = keys_of(intent, kind), should_be = keys_of(full, kind);
    if (is != should_be) {
      errors.push_back(std::string("the keys of ") + name + ": " + testing::PrintToString(is) + " instead of " +
                       testing::PrintToString(should_be));
      return;
    }
    for (const auto& key : should_be)
      if (*facts(intent, key) != *facts(full, key)) errors.push_back(std::string("the facts of ") + name + key);
  };
  compare(UnitKind::ns, "namespace ", [](const Intent& of, const auto& key) { return of.ns(key); });
  compare(UnitKind::pod, "pod ", [](const Intent& of, const auto& key) { return of.pod(key); });
  compare(UnitKind::pod_tier, "pod tier ", [](const Intent& of, const auto& key) { return of.pod_tier(key); });
  compare(UnitKind::service_tier, "service tier ",
          [](const Intent& of, const auto& key) { return of.service_tier(key); });
  compare(UnitKind::service, "service ", [](const Intent& of, const auto& key) { return of.service(key); });
  compare(UnitKind::external_network, "network ", [](const Intent& of, const auto& key) { return of.outside(key); });
  return all_of(errors, "incremental differs from full");
}

testing::AssertionResult every_reason_is_known(const ProblemBook& problems) {
  std::vector<std::string> errors;
  for (const auto& [subject, page] : problems.pages())
    for (const auto& problem : page.all())
      if (!find_reason(problem.reason)) errors.push_back(problem.reason + " has no row in reasons.cpp");
  return all_of(errors, "reasons");
}

std::set<std::string> unowned_networks(World& world) {
  std::set<std::string> out;
  const auto dump = nlohmann::json::parse(world.api().dump());
  for (const auto& network : dump.value("virtual-network", nlohmann::json::array()))
    if (network.value("annotations", nlohmann::json()).dump().find(annotation_owner) == std::string::npos)
      out.insert(joined(network["fq_name"]));
  return out;
}

testing::AssertionResult is_as_desired(World& world, const Configuration& setup) {
  // An audit detects the changes of other clients.
  if (!world.audit()) return testing::AssertionFailure() << "an audit failed";
  if (auto result = converges(world); !result) return result;
  auto cluster = world.cluster();
  cluster.external_networks = unowned_networks(world);
  cluster.had = addresses_had(world.api().dump(), world.cluster(), setup.oracle);
  const auto there = observed(world.api().dump(), world.cluster(), setup.oracle);
  const auto desired = with_retained(expected(cluster, setup.oracle), there, world.cluster(), setup.oracle);
  if (auto result =
          all_of(wrong_statuses(desired, world.cluster(), setup.oracle, problems_of_services(world)), "wrong statuses");
      !result)
    return result;
  if (auto result = all_of(differences(desired, there), "not as desired"); !result)
    return result << "\n" << nothing_left_to_do(world.engine(), world.now()).message();
  if (auto result = nothing_left_to_do(world.engine(), world.now()); !result) return result;
  if (auto result = counts_are_correct(world.engine()); !result) return result;
  if (auto result = every_reason_is_known(world.engine().problems()); !result) return result;
  return incremental_equals_full(world.engine().intent(), world.cluster(), setup.settings);
}

std::set<AddressHistory::Owned> AddressHistory::owned(World& world) const {
  std::set<Owned> out;
  const auto claims = public_claims(world.cluster(), setup_.oracle);
  for (const auto& [address, uids] : addresses_had(world.api().dump(), world.cluster(), setup_.oracle))
    for (const auto& uid : uids)
      if (claims.count({uid, address}) > 0) out.emplace(uid, address);
  return out;
}

void AddressHistory::record(World& world) { had_ = owned(world); }

void AddressHistory::changed(World& world) {
  const auto claims = public_claims(world.cluster(), setup_.oracle);
  std::erase_if(had_, [&](const Owned& owned) { return claims.count(owned) == 0; });
}

testing::AssertionResult AddressHistory::was_kept(World& world) const {
  const auto now = owned(world);
  std::vector<std::string> errors;
  for (const auto& [uid, address] : had_)
    if (now.count({uid, address}) == 0) errors.push_back(uid + " has lost " + address);
  return all_of(errors, "addresses of Services that have claimed them all the time");
}

testing::AssertionResult audits_and_restart_write_nothing(World& world) {
  const auto writes = [&](const char* when) {
    auto out = testing::AssertionFailure() << when << " wrote:";
    for (const auto& line : world.write_list()) out << "\n  " << line;
    return out << "\n  and " << world.patches() << " annotations";
  };
  world.clear_log();
  for (int i = 0; i < 2; ++i) {
    if (!world.audit()) return testing::AssertionFailure() << "an audit failed";
    if (auto rest = converges(world); !rest) return rest << "\nafter an audit";
    if (world.writes() + world.patches() > 0) return writes("an audit");
  }
  world.restart();
  if (auto rest = converges(world); !rest) return rest << "\nafter a restart";
  if (world.writes() + world.patches() > 0) return writes("a restart");
  return testing::AssertionSuccess();
}

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("KNM_SEED")) return {std::strtoull(one, nullptr, 10)};
  if (const char* many = std::getenv("KNM_SEEDS")) count = std::strtoull(many, nullptr, 10);
  std::vector<std::uint64_t> out;
  for (std::uint64_t seed = 1; seed <= count; ++seed) out.push_back(seed);
  return out;
}

std::string replay(std::uint64_t seed) { return "run this seed alone with KNM_SEED=" + std::to_string(seed); }

}  // namespace knm::test
