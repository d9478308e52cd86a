#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Addresses, pools and interfaces must be deleted while their successors wait and while foreign objects block them, in
// any order: a waiting object reports the reason, and nothing waits after the foreign objects are deleted.
namespace knm::test {
namespace {

using nlohmann::json;

class Stuck {
 public:
  explicit Stuck(std::uint64_t seed) : random_(seed), disorder_(seed % 2 == 0) {
    world_.apply(make_namespace("a"));
    world_.apply(make_namespace("b"));
    if (disorder_) world_.disorder(seed);
    world_.start();
  }

  testing::AssertionResult play(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      switch (dice(4)) {
        case 0:
          if (auto result = converges(world_); !result) return result;
          break;
        case 1:
          world_.audit();
          break;
        default:
          for (auto some = dice(12); some > 0; --some) world_.step();
      }
    }
    if (auto result = settle(); !result) return result;
    if (auto result = waiting_objects_have_problems(); !result) return result;
    for (const auto& [type, name] : foreign_)
      if (other_.has(type, name)) other_.remove(type, name);
    // An audit shows these deletions; their consequences may need another audit.
    for (int i = 0; i < 3; ++i)
      if (auto result = settle(); !result) return result;
    return is_as_desired(world_, setup_);
  }

 private:
  std::size_t dice(std::size_t sides) { return static_cast<std::size_t>(random_() % sides); }
  std::string ns() { return dice(3) == 0 ? "b" : "a"; }

  void step() {
    const auto space = ns();
    if (!world_.cluster().namespaces.contains(space)) return world_.apply(make_namespace(space, ++incarnation_));
    const auto pod = "p-" + std::to_string(dice(3)), service = "s-" + std::to_string(dice(2));
    switch (dice(9)) {
      case 0:
        alive_.erase("pod " + space + "/" + pod);
        return world_.remove_pod(space + "/" + pod);
      case 1:
      case 2:
        return world_.apply(
            make_pod(space, pod, dice(2) == 0 ? "x" : "y",
                     {.uses = dice(2) == 0 ? "s-0" : "", .incarnation = again("pod " + space + "/" + pod)}));
      case 3:
        alive_.erase("service " + space + "/" + service);
        world_.remove_slice(space + "/" + service);
        return world_.remove_service(space + "/" + service);
      case 4:
      case 5:
        return change_service(space, service);
      case 6:
        if (dice(4) != 0) return;
        std::erase_if(alive_, [&](const auto& one) { return one.first.find(" " + space + "/") != std::string::npos; });
        return world_.remove_namespace(space);
      default:
        return create_foreign_object(space, pod);
    }
  }

  // The current incarnation, or a successor.
  int again(const std::string& object) {
    auto& incarnation = alive_[object];
    return incarnation != 0 && dice(2) == 0 ? incarnation : incarnation = ++incarnation_;
  }

  void change_service(const std::string& space, const std::string& name) {
    ServiceOptions options;
    options.incarnation = again("service " + space + "/" + name);
    if (dice(2) == 0) options.external_ips = {"192.0.2." + std::to_string(20 + dice(2))};
    // A Service keeps its ClusterIP for its whole life, and no other Service gets it.
    const auto number = (space == "a" ? 1 : 2) + 10 * static_cast<int>(name.back() - '0');
    world_.apply(
        make_service(space, name, dice(2) == 0 ? "s-0" : "s-1", "10.254.1." + std::to_string(number), options));
    std::vector<k8s::Pod> pods;
    for (const auto& [key, pod] : world_.pods())
      if (pod.meta.ns == space && dice(2) == 0) pods.push_back(pod);
    world_.apply(make_slice(space, name, pods));
  }

  // A foreign object on an interface, on a network, in a pool, or with the address of another object.
  void create_foreign_object(const std::string& space, const std::string& pod) {
    const auto name = "foreign-" + std::to_string(foreign_.size());
    const auto project = "default-domain:" + space;
    try {
      switch (dice(3)) {
        case 0: {
          const auto interface = other_.get("virtual-machine-interface", project + ":" + pod);
          json fields{{"fq_name", {name}},
                      {"virtual_network_refs", {{{"to", interface["virtual_network_refs"][0]["to"]}}}},
                      {"virtual_machine_interface_refs", {{{"to", split_name(project + ":" + pod)}}}}};
          other_.create("instance-ip", std::move(fields));
          foreign_.emplace_back("instance-ip", name);
          break;
        }
        case 1: {
          const auto pool = project + ":service-s-0:service-s-0";
          auto fq_name = split_name(pool);
          fq_name.push_back(name);
          other_.create("floating-ip", {{"fq_name", fq_name},
                                        {"parent_type", "floating-ip-pool"},
                                        {"floating_ip_address", "10.254.9." + std::to_string(10 + dice(200))}});
          foreign_.emplace_back("floating-ip", pool + ":" + name);
          break;
        }
        default: {
          const auto network = project + (dice(2) == 0 ? ":x" : ":service-s-1");
          other_.create("instance-ip",
                        {{"fq_name", {name}}, {"virtual_network_refs", {{{"to", split_name(network)}}}}});
          foreign_.emplace_back("instance-ip", name);
        }
      }
    } catch (const std::runtime_error&) {
      // The parent does not exist at the moment.
    }
  }

  testing::AssertionResult settle() {
    if (auto result = converges(world_); !result) return result;
    if (!world_.audit()) return testing::AssertionFailure() << "an audit failed";
    return converges(world_);
  }

  bool has_problem_of(const Unit& unit) {
    const auto& pages = world_.engine().problems().pages();
    const auto kind = unit.kind == UnitKind::pod ? SubjectKind::pod : SubjectKind::service;
    return pages.contains({kind, unit.key}) || pages.contains({SubjectKind::ns, std::string(ns_of(unit.key))}) ||
           pages.contains({SubjectKind::ns, "kube-system"});
  }

  testing::AssertionResult waiting_objects_have_problems() {
    auto out = testing::AssertionSuccess();
    const auto& engine = world_.engine();
    const auto& table = engine.table();
    for (SlotId id = 0; id < table.size(); ++id) {
      const auto& entry = table[id];
      if (!entry.is_desired()) continue;
      const auto action = next(table, id, world_.now());
      if (action.step == Step::nothing && action.also_wait_for.empty()) continue;
      // A floating IP without one of its Pods is out of sync because of the problem of this Pod.
      auto concerned = action.also_wait_for;
      concerned.push_back(id);
      if (action.slot != no_slot) concerned.push_back(action.slot);
      const auto unit = engine.binder().unit_of(id);
      const bool explained = std::any_of(concerned.begin(), concerned.end(), [&](SlotId other) {
        const auto of_other = engine.binder().unit_of(other);
        return !of_other || has_problem_of(*of_other);
      });
      if (!unit || explained) continue;
      if (out) out = testing::AssertionFailure() << "no problem explains why these are out of sync:";
      out << "\n  " << unit->key << ": " << contrail::name(entry.type()) << " " << entry.name().view() << ", step "
          << static_cast<int>(action.step) << (entry.exists() ? ", there" : "") << ", " << name(entry.deletion_hold())
          << (action.slot == no_slot ? "" : ", for " + table[action.slot].name().text());
      if (action.step == Step::wait_gone)
        for (SlotId other = 0; other < table.size(); ++other)
          if (table[other].exists() && std::count(table[other].blocks().begin(), table[other].blocks().end(), id) > 0)
            out << "\n    kept by " << contrail::name(table[other].type()) << " " << table[other].name().view() << ", "
                << (table[other].is_desired() ? "desired, " : "") << "step "
                << static_cast<int>(next(table, other, world_.now()).step) << ", "
                << name(table[other].deletion_hold());
    }
    return out;
  }

  std::mt19937_64 random_;
  bool disorder_;
  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
  std::vector<std::pair<std::string, std::string>> foreign_;
  std::map<std::string, int> alive_;  // the current incarnation of each object
  int incarnation_ = 1;
};

TEST(Properties, AnObjectThatWaitsForAHeldDeletionReportsIt) {
  for (const auto seed : seeds(60)) {
    SCOPED_TRACE(replay(seed));
    Stuck stuck(seed);
    ASSERT_TRUE(stuck.play(40));
  }
}

}  // namespace
}  // namespace knm::test
