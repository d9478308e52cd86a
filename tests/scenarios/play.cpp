#include "tests/scenarios/play.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>

#include "tests/scenarios/traffic.hpp"

namespace knm::test {
namespace {

using Order = std::vector<std::size_t>;

// Only the cluster and the controller act, so the former state of the cluster determines everything else.
bool is_of_cluster_alone(const Scenario& scenario) {
  static const std::set<std::string> of_controller{"start", "restart", "audit"};
  return std::all_of(scenario.steps.begin(), scenario.steps.end(), [](const ScenarioStep& step) {
    return std::all_of(step.commands.begin(), step.commands.end(), [](const Command& command) {
      return is_of_cluster(command) || of_controller.contains(command.words.front());
    });
  });
}

// The first step with a running controller.
std::size_t first_running(const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i)
    for (const auto& command : scenario.steps[i].commands)
      if (command.words.front() == "start") return i;
  return 0;
}

void settle(Actor& actor, const std::string& where) {
  if (!actor.settle()) throw std::runtime_error(where + ": does not converge");
}

std::optional<std::string> compare_ends(const Graph& expected, const Graph& seen, const std::string& how) {
  const auto lines = changes(end_of(expected), end_of(seen));
  if (lines.empty()) return std::nullopt;
  std::string out = how + " ends differently:";
  for (const auto& line : lines) out += "\n    " + line;
  return out;
}

// Returns an exception as an error text.
std::optional<std::string> attempt(const std::string& how, const std::function<std::optional<std::string>()>& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    return how + ": " + error.what();
  }
}

Order in_order(std::size_t count) {
  Order out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// All orders except for the written one, or samples of them if there are too many.
std::vector<Order> orders_of(std::size_t count, std::size_t samples) {
  std::vector<Order> out;
  auto order = in_order(count);
  if (count <= (samples < enough_samples ? 3 : 6)) {
    while (std::next_permutation(order.begin(), order.end())) out.push_back(order);
    return out;
  }
  std::mt19937_64 random(count);
  for (std::size_t i = 0; i < samples; ++i) {
    for (std::size_t at = count - 1; at > 0; --at) std::swap(order[at], order[random() % (at + 1)]);
    out.push_back(order);
  }
  return out;
}

// Plays the steps before `last` as written.
void play_until(Actor& actor, const Scenario& scenario, std::size_t last) {
  for (std::size_t i = 0; i < last; ++i) {
    for (const auto& command : scenario.steps[i].commands) actor.perform(command);
    settle(actor, "step " + std::to_string(i + 1));
  }
}

std::string written(const ScenarioStep& step, const Order& order) {
  std::string out;
  for (const auto at : order) out += (out.empty() ? "" : "; ") + step.commands[at].text;
  return out;
}

}  // namespace

Played play(const Scenario& scenario) {
  Actor actor(scenario);
  Played out;
  Graph before;
  Traffic traffic(actor);
  for (const auto& step : scenario.steps) {
    actor.world().clear_log();
    traffic.begin();
    for (const auto& command : step.commands) actor.perform(command);
    if (!traffic.settle()) throw std::runtime_error("step '" + step.title + "': does not converge");
    auto after = actor.graph();
    out.seen.push_back(changes(before, after));
    if (std::all_of(step.commands.begin(), step.commands.end(), is_of_cluster))
      for (const auto& connection : traffic.cut()) out.seen.back().push_back("cut for a while: " + connection);
    out.seen.back().push_back("writes: " + writes_of(actor.world()));
    out.writes += actor.writes();
    out.clusters.push_back(actor.world().cluster());
    out.graphs.push_back(after);
    before = std::move(after);
  }
  return out;
}

std::vector<std::string> differences(const Scenario& scenario, const Played& played) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const auto& step = scenario.steps[i];
    if (step.expected == played.seen[i]) continue;
    out.push_back("step '" + step.title + "'");
    const auto has = [](const auto& lines, const auto& line) {
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    };
    for (const auto& line : step.expected)
      if (!has(played.seen[i], line)) out.push_back("expected and not seen: " + line);
    for (const auto& line : played.seen[i])
      if (!has(step.expected, line)) out.push_back("seen and not expected: " + line);
  }
  return out;
}

std::optional<std::string> writes_nothing_at_the_end(const Scenario& scenario) {
  return attempt("after the end", [&]() -> std::optional<std::string> {
    Actor actor(scenario);
    play_until(actor, scenario, scenario.steps.size());
    if (actor.is_cut()) return std::nullopt;
    actor.world().clear_log();
    const auto check = [&](const std::string& when) -> std::optional<std::string> {
      settle(actor, when);
      if (actor.writes() == 0) return std::nullopt;
      std::string out = when + " writes: " + writes_of(actor.world());
      for (const auto& line : actor.world().write_list()) out += "\n    " + line;
      return out;
    };
    for (int i = 0; i < 3; ++i) {
      actor.world().audit();
      if (auto error = check("an audit after the end")) return error;
    }
    actor.put_all_again();
    if (auto error = check("putting all objects again")) return error;
    actor.restart();
    if (auto error = check("a restart after the end")) return error;
    actor.world().audit();
    return check("an audit after a restart");
  });
}

std::optional<std::string> permuted(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                    std::size_t& runs) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const auto& step = scenario.steps[i];
    if (step.in_order || !std::all_of(step.commands.begin(), step.commands.end(), is_of_cluster)) continue;
    for (const auto& order : orders_of(step.commands.size(), samples)) {
      ++runs;
      const auto how = "step '" + step.title + "' as " + written(step, order);
      auto error = attempt(how, [&] {
        Actor actor(scenario);
        play_until(actor, scenario, i);
        std::mt19937_64 random(runs);
        if (random() % 2 == 0 && actor.world().runs()) actor.world().disorder(runs);
        for (const auto at : order) {
          actor.perform(step.commands[at]);
          for (auto pause = random() % 8; pause > 0; --pause) actor.step();
        }
        settle(actor, how);
        return compare_ends(as_written.graphs[i], actor.graph(), how);
      });
      if (error) return error;
    }
  }
  return std::nullopt;
}

namespace {

std::optional<std::string> at_once(const Scenario& scenario, const Played& as_written, std::uint64_t disorder) {
  const auto how = "all steps at once" + (disorder == 0 ? "" : ", disorder " + std::to_string(disorder));
  return attempt(how, [&] {
    Actor actor(scenario);
    if (disorder != 0) actor.world().disorder(disorder);
    for (const auto& step : scenario.steps)
      for (const auto& command : step.commands) {
        if (command.words.front() == "foreign") settle(actor, how);  // the objects that it names exist
        actor.perform(command);
      }
    settle(actor, how);
    if (!is_of_cluster_alone(scenario) && !actor.is_cut()) {
      // An audit detects the changes of other clients.
      actor.world().audit();
      settle(actor, how);
    }
    return compare_ends(as_written.graphs.back(), actor.graph(), how);
  });
}

std::optional<std::string> one_by_one(const Scenario& scenario, const Played& as_written, bool twice) {
  const std::string how = twice ? "each event twice" : "each event by itself";
  return attempt(how, [&]() -> std::optional<std::string> {
    Actor actor(scenario);
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
      for (const auto& command : scenario.steps[i].commands) {
        actor.perform(command);
        if (twice && is_of_cluster(command)) actor.perform(command), actor.put_all_again();
        if (!scenario.history_matters) settle(actor, how);
      }
      settle(actor, how);
      if (auto error = compare_ends(as_written.graphs[i], actor.graph(), how)) return error;
    }
    return std::nullopt;
  });
}

std::optional<std::string> there_and_back(const Scenario& scenario, const Played& as_written) {
  const std::string how = "forward, back and forward again";
  return attempt(how, [&]() -> std::optional<std::string> {
    Actor actor(scenario);
    play_until(actor, scenario, scenario.steps.size());
    for (std::size_t i = scenario.steps.size() - 1; i-- > first_running(scenario);) {
      actor.become(as_written.clusters[i]);
      settle(actor, how);
      if (auto error =
              compare_ends(as_written.graphs[i], actor.graph(), "back at step '" + scenario.steps[i].title + "'"))
        return error;
    }
    for (const auto& cluster : as_written.clusters) actor.become(cluster);
    settle(actor, how);
    return compare_ends(as_written.graphs.back(), actor.graph(), how);
  });
}

}  // namespace

std::optional<std::string> varied(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                  std::size_t& runs) {
  const auto count = [&](std::optional<std::string> error) {
    ++runs;
    return error;
  };
  if (auto error = count(one_by_one(scenario, as_written, true))) return error;
  if (auto error = count(one_by_one(scenario, as_written, false))) return error;
  if (scenario.history_matters) return std::nullopt;
  for (std::uint64_t disorder = 0; disorder <= samples; ++disorder)
    if (auto error = count(at_once(scenario, as_written, disorder))) return error;
  return is_of_cluster_alone(scenario) ? count(there_and_back(scenario, as_written)) : std::nullopt;
}

namespace {

// Plays the scenario with a crash after `count` writes; sets `reached` to whether there were as many.
std::optional<std::string> crash_after(const Scenario& scenario, const Played& as_written, std::size_t count,
                                       bool& reached) {
  const auto how = "a crash after write " + std::to_string(count);
  return attempt(how, [&]() -> std::optional<std::string> {
    Actor actor(scenario);
    reached = false;
    bool before = false;  // the crash was in an earlier step
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
      for (const auto& command : scenario.steps[i].commands) actor.perform(command);
      bool more = actor.world().runs() && !actor.is_cut();
      while (!reached && more) {
        if (actor.writes() >= count) {
          reached = true;
          actor.restart();
          break;
        }
        more = actor.step();
      }
      settle(actor, how);
      const bool just_now = reached && !std::exchange(before, reached);
      if (!just_now && !(reached && i + 1 == scenario.steps.size())) continue;
      if (auto error =
              compare_ends(as_written.graphs[i], actor.graph(), how + " in step '" + scenario.steps[i].title + "'"))
        return error;
    }
    return std::nullopt;
  });
}

}  // namespace

std::optional<std::string> crashed(const Scenario& scenario, const Played& as_written, std::size_t stride,
                                   std::size_t& runs) {
  if (scenario.crashes_matter) return std::nullopt;
  bool reached = true;
  for (std::size_t count = 0; reached; count += stride) {
    ++runs;
    if (auto error = crash_after(scenario, as_written, count, reached)) return error;
  }
  return std::nullopt;
}

}  // namespace knm::test
