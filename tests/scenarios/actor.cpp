#include "tests/scenarios/actor.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace knm::test {
namespace {

// The controller runs from the beginning except if the scenario has `start` before any `stop`.
bool starts_by_itself(const Scenario& scenario) {
  for (const auto& step : scenario.steps)
    for (const auto& command : step.commands)
      if (const auto& verb = command.words.front(); verb == "start" || verb == "stop") return verb == "stop";
  return true;
}

// The text behind the first `count` words.
std::string rest_of(const Command& command, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) at = command.text.find_first_not_of(' ', command.text.find(' ', at));
  return command.text.substr(at);
}

// The Pod without the pod state that the controller wrote.
k8s::Pod as_authored(k8s::Pod pod) {
  std::erase_if(pod.meta.annotations, [](const auto& pair) { return pair.first == "opencontrail.org/pod-state"; });
  return pod;
}

// The names of virtual machines and instance-ips have no domain.
std::string full_name(const std::string& type, const std::string& name) {
  return type == "virtual-machine" || type == "instance-ip" ? name : "default-domain:" + name;
}

// "<pod shop/web-0>" stands for the UID of the first incarnation of the Pod.
std::string with_uids(std::string text) {
  for (auto from = text.find('<'); from != std::string::npos; from = text.find('<', from + 1)) {
    const auto blank = text.find(' ', from), to = text.find('>', from);
    if (blank == std::string::npos || to == std::string::npos || blank > to) continue;
    text.replace(from, to + 1 - from,
                 uid(text.substr(from + 1, blank - from - 1), text.substr(blank + 1, to - blank - 1)));
  }
  return text;
}

}  // namespace

bool is_of_cluster(const Command& command) {
  static const std::set<std::string> verbs{"namespace", "pod", "service", "endpoint", "delete"};
  return verbs.contains(command.words.front());
}

Actor::Actor(const Scenario& scenario)
    : settings_(scenario.settings), world_(scenario.settings), other_(world_.api()), in_full_(scenario.in_full) {
  uids_[uid("namespace", "kube-system")] = "namespace kube-system";
  world_.set_fault([this](const auto& request, const auto& carry_out) { return fault(request, carry_out); });
  if (starts_by_itself(scenario)) world_.start();
}

void Actor::perform(const Command& command) {
  const auto& words = command.words;
  try {
    if (words.front() == "delete")
      remove(words);
    else if (words.front() == "foreign")
      act_foreign(command);
    else if (is_of_cluster(command))
      apply(words);
    else
      control(words);
  } catch (const std::exception& error) {
    throw std::runtime_error("line " + std::to_string(command.line) + ": " + command.text + ": " + error.what());
  }
}

void Actor::apply(const Words& words) {
  const auto& cluster = world_.cluster();
  const auto& key = words.at(1);
  const Words rest(words.begin() + 2, words.end());
  if (words.front() == "namespace")
    world_.apply(namespace_of(cluster, key, rest, uids_));
  else if (words.front() == "pod")
    world_.apply(pod_of(cluster, key, rest, uids_));
  else if (words.front() == "service")
    world_.apply(service_of(cluster, key, rest, uids_));
  else
    for (const auto& slice : slices_of(cluster, key, rest)) world_.apply(slice);
}

void Actor::remove(const Words& words) {
  const auto& kind = words.at(1);
  const auto& key = words.at(2);
  if (kind == "namespace")
    world_.remove_namespace(key);
  else if (kind == "pod")
    world_.remove_pod(key);
  else if (kind == "service")
    world_.remove_service(key);
  else if (kind == "slice")
    remove_slices(key);
  else
    throw std::runtime_error("no kind is called " + kind);
}

void Actor::remove_slices(const std::string& service) {
  const auto slices = world_.cluster().slices;
  for (const auto& [key, slice] : slices)
    if (slice.meta.ns + "/" + slice.service == service) world_.remove_slice(key);
}

void Actor::act_foreign(const Command& command) {
  const auto& words = command.words;
  const auto& verb = words.at(1);
  const auto& type = words.at(2);
  const auto name = full_name(type, with_uids(words.at(3)));
  if (verb == "create") {
    auto fields = nlohmann::json::parse(with_uids(rest_of(command, 4)));
    fields["fq_name"] = split_name(name);
    other_.create(type, std::move(fields));
  } else if (verb == "put") {
    other_.put(type, name, nlohmann::json::parse(with_uids(rest_of(command, 4))));
  } else if (verb == "delete") {
    other_.remove_with_dependents(type, name);
  } else if (verb == "annotate") {
    other_.annotate(type, name, words.at(4), words.at(5));
  } else if (verb == "attach" || verb == "detach") {
    other_.reference(verb == "attach" ? "ADD" : "DELETE", type, name, words.at(4), full_name(words.at(4), words.at(5)),
                     words.at(4) == "network-policy" && verb == "attach"
                         ? nlohmann::json{{"sequence", {{"major", 3}, {"minor", 1}}}}
                         : nlohmann::json());
  } else {
    throw std::runtime_error("unknown verb " + verb);
  }
}

void Actor::control(const Words& words) {
  const auto& verb = words.front();
  if (verb == "unseen" || verb == "relist" || verb == "lie")
    act_on_lists(words);
  else if (verb == "start")
    start(words);
  else if (verb == "stop")
    world_.crash();
  else if (verb == "restart")
    world_.restart();
  else if (verb == "audit")
    world_.audit();
  else if (verb == "hold")
    held_ = world_.now();
  else if (verb == "release")
    held_.reset();
  else if (verb == "lose")
    lose_ += std::stoul(words.at(1));
  else if (verb == "refuse")
    refuse_ += std::stoul(words.at(1)), status_ = std::stoi(words.at(2));
  else if (verb == "cut" || verb == "mend")
    cut_ = verb == "cut";
  else
    throw std::runtime_error("unknown command");
}

void Actor::act_on_lists(const Words& words) {
  static const std::map<std::string, Watched> kinds{{"namespaces", Watched::namespaces},
                                                    {"pods", Watched::pods},
                                                    {"services", Watched::services},
                                                    {"slices", Watched::slices}};
  if (words.front() == "relist") return world_.relist(kinds.at(words.at(1)));
  if (words.front() == "lie") return world_.lie(kinds.at(words.at(1)), words.size() > 2 ? std::stoul(words.at(2)) : 1);
  const auto& key = words.at(2);
  world_.unseen([&](Cluster& cluster) {
    if (words.at(1) == "pod")
      cluster.pods.erase(key);
    else if (words.at(1) == "service")
      cluster.services.erase(key);
    else
      cluster.slices.erase(key + "-slice");
  });
}

void Actor::start(const Words& words) {
  auto settings = settings_;
  for (auto flag = words.begin() + 1; flag != words.end(); ++flag) {
    if (*flag == "--take-over")
      settings.take_over = true;
    else if (*flag == "--allow-mass-delete")
      settings.allow_mass_delete = true;
    else
      throw std::runtime_error("no flag is called " + *flag);
  }
  world_.configure(settings);
  world_.start();
}

std::optional<ConfigAnswer> Actor::fault(const contrail::Request& request,
                                         const std::function<ConfigAnswer()>& carry_out) {
  if (cut_) return ConfigAnswer{Sent::no, 0, {}, "connection refused"};
  if (contrail::is_read(request)) return std::nullopt;
  if (refuse_ > 0) return --refuse_, ConfigAnswer{Sent::answered, status_, "refused by the test", {}};
  if (lose_ > 0 && request.method == "POST" && !request.target.ends_with("-update")) {
    --lose_;
    carry_out();
    return ConfigAnswer{Sent::unknown, 0, {}, "the answer was lost"};
  }
  return std::nullopt;
}

void Actor::put_all_again() {
  const auto cluster = world_.cluster();
  for (const auto& [key, object] : cluster.namespaces) world_.apply(object);
  for (const auto& [key, object] : cluster.services) world_.apply(object);
  for (const auto& [key, object] : cluster.slices) world_.apply(object);
  for (const auto& [key, object] : cluster.pods) world_.apply(object);
}

void Actor::become(const Cluster& cluster) {
  const auto now = world_.cluster();
  const auto drop = [](const auto& from, const auto& to, auto&& remove) {
    for (const auto& [key, object] : from)
      if (!to.contains(key)) remove(key);
  };
  drop(now.slices, cluster.slices, [&](const auto& key) { world_.remove_slice(key); });
  drop(now.services, cluster.services, [&](const auto& key) { world_.remove_service(key); });
  drop(now.pods, cluster.pods, [&](const auto& key) { world_.remove_pod(key); });
  drop(now.namespaces, cluster.namespaces, [&](const auto& key) { world_.remove_namespace(key); });
  for (const auto& [key, object] : cluster.namespaces) world_.apply(object);
  for (const auto& [key, object] : cluster.services) world_.apply(object);
  for (const auto& [key, object] : cluster.pods) world_.apply(as_authored(object));
  for (const auto& [key, object] : cluster.slices) world_.apply(object);
}

bool Actor::step() {
  if (!world_.runs()) return false;
  if (world_.step()) return true;
  const auto wakeup = world_.engine().next_wakeup();
  constexpr auto moment = std::chrono::seconds(1);
  if (!wakeup || (held_ && *wakeup > *held_ + moment)) return false;
  world_.pass(std::max(Time(1), *wakeup - world_.now()));
  return true;
}

bool Actor::settle(const std::function<void()>& observe) {
  const int limit = cut_ ? 100 : 3000;
  for (int i = 0; i < limit; ++i) {
    if (!step()) return true;
    if (observe) observe();
  }
  return cut_;
}

void Actor::restart() {
  world_.configure(settings_);
  world_.restart();
}

}  // namespace knm::test
