#include <random>

#include "controller/intent/intent.hpp"
#include "tests/property/checks.hpp"
#include "tests/support/builders.hpp"

// The backends of Services under random changes: in any order of changes the facts equal those of an Intent that has
// seen only the last objects, and the reported moves equal the real ones.
namespace knm::test {
namespace {

class RandomBackends {
 public:
  explicit RandomBackends(std::uint64_t seed) : random_(seed), intent_(settings()) {
    for (const auto* name : {"a", "b"}) put(make_namespace(name), cluster_.namespaces, name);
  }

  static Settings settings() {
    Settings out;
    out.service_cluster_ip_range.push_back(*contrail::Cidr::parse("fd00::/112"));
    return out;
  }

  void step() {
    const auto kind = dice(20);
    if (kind < 6) return change_pod();
    if (kind < 9) return change_service();
    if (kind == 9) return refuse();
    change_slice();
  }

  testing::AssertionResult settle() {
    std::map<std::string, std::array<Reach, 2>> before;
    for (const auto& key : intent_.keys(UnitKind::service)) before[key] = intent_.service(key)->reach;
    std::set<std::string> changed;
    for (const auto& unit : intent_.settle())
      if (unit.kind == UnitKind::service) changed.insert(unit.key);
    for (const auto& key : intent_.keys(UnitKind::service)) {
      const auto* moved = intent_.moved_backends(key);
      const auto& now = intent_.service(key)->reach;
      if (!changed.contains(key) && now != before[key])
        return testing::AssertionFailure() << key.view() << " changed without a report";
      if (moved && !equals_difference(before[key], now, {moved->begin(), moved->end()}))
        return testing::AssertionFailure() << key.view() << " does not report the real moves";
      moves_ += moved != nullptr;
    }
    return incremental_equals_full(intent_, cluster_, settings());
  }

  std::size_t moves() const { return moves_; }

 private:
  std::size_t dice(std::size_t sides) { return static_cast<std::size_t>(random_() % sides); }
  template <class Object>
  void put(const Object& object, std::map<std::string, Object>& into, const std::string& key) {
    into[key] = object;
    intent_.put(object);
  }

  // Whether exactly the reported Pods were added or removed, and nothing else differs.
  static bool equals_difference(const std::array<Reach, 2>& before, const std::array<Reach, 2>& now,
                                const std::set<std::string>& reported) {
    std::set<std::string> differ;
    for (std::size_t i = 0; i < 2; ++i) {
      if (before[i].mappings != now[i].mappings) return false;
      for (const auto& name : before[i].pods)
        if (!now[i].pods.contains(name)) differ.insert(name);
      for (const auto& name : now[i].pods)
        if (!before[i].pods.contains(name)) differ.insert(name);
    }
    return differ == reported;
  }

  void refuse() {
    const auto& refused = intent_.refused_namespaces();
    intent_.refuse_namespace("b", !refused.contains("b"));
  }

  void change_pod() {
    const std::string ns = dice(5) == 0 ? "b" : "a", name = "p" + std::to_string(dice(12)), key = ns + "/" + name;
    const auto known = cluster_.pods.find(key);
    if (known != cluster_.pods.end() && dice(4) == 0) {
      cluster_.pods.erase(known);
      return intent_.drop_pod(key);
    }
    const std::string tiers[] = {"web", "db", ""};
    auto pod = make_pod(ns, name, tiers[dice(3)], {.host_network = dice(8) == 0});
    if (known != cluster_.pods.end() && dice(2) == 0)
      pod.meta.uid = known->second.meta.uid;
    else
      pod.meta.uid = uid("pod", key, ++incarnation_);
    pod.meta.creation_timestamp = static_cast<std::int64_t>(dice(3));
    pod.meta.terminating = dice(8) == 0;
    if (dice(8) == 0) pod.phase = k8s::PodPhase::failed;
    put(pod, cluster_.pods, key);
  }

  void change_service() {
    const std::string ns = dice(5) == 0 ? "b" : "a", name = "s" + std::to_string(dice(3)), key = ns + "/" + name;
    if (cluster_.services.contains(key) && dice(4) == 0) {
      cluster_.services.erase(key);
      return intent_.drop_service(key);
    }
    const std::vector<k8s::ServicePort> ports[] = {
        {{"", "TCP", 80, 80, "", 0}},
        {{"a", "TCP", 80, 0, "http", 0}},
        {{"a", "TCP", 80, 0, "http", 0}, {"b", "TCP", 443, 8443, "", 0}},
    };
    const std::string types[] = {"10.254.0.7", "None"};
    auto service = make_service(ns, name, dice(2) == 0 ? "web" : "db", types[dice(3) == 0]);
    service.ports = ports[dice(3)];
    service.has_selector = dice(4) != 0;
    service.publish_not_ready_addresses = dice(6) == 0;
    if (service.cluster_ips.front() != "None" && dice(2) == 0) service.cluster_ips.push_back("fd00::7");
    if (dice(10) == 0) service.type = k8s::ServiceType::external_name;
    put(service, cluster_.services, key);
  }

  void change_slice() {
    const std::string ns = dice(5) == 0 ? "b" : "a", name = "e" + std::to_string(dice(6)), key = ns + "/" + name;
    if (cluster_.slices.contains(key) && dice(6) == 0) {
      cluster_.slices.erase(key);
      return intent_.drop_slice(key);
    }
    const std::vector<k8s::EndpointPort> ports[] = {
        {{"a", "TCP", 8080}},
        {{"", "TCP", 80}, {"a", "TCP", 8080}},
        {{"a", "TCP", 8081}},
        {{"b", "TCP", 8443}},
        {{"b", "TCP", 9443}},
        {{"a", "TCP", 0}},
        {},
    };
    auto slice = make_slice(ns, "s" + std::to_string(dice(3)), std::vector<k8s::Pod>{});
    slice.meta.name = name;
    slice.ports = ports[dice(2) == 0 ? dice(7) : dice(2)];
    slice.address_type = dice(12) == 0  ? k8s::AddressType::fqdn
                         : dice(3) == 0 ? k8s::AddressType::ipv6
                                        : k8s::AddressType::ipv4;
    // Mostly only one endpoint changes.
    if (const auto known = cluster_.slices.find(key); known != cluster_.slices.end() && dice(3) != 0)
      slice = known->second;
    for (const auto& [pod_key, pod] : cluster_.pods) {
      if (dice(pod.meta.ns == ns ? 3 : 12) != 0) continue;
      std::erase_if(slice.endpoints, [&](const auto& other) { return other.target_uid == pod.meta.uid; });
      k8s::Endpoint endpoint;
      endpoint.ready = dice(3) != 0;
      endpoint.terminating = dice(10) == 0;
      endpoint.target_kind = dice(16) == 0 ? "Node" : "Pod";
      endpoint.target_uid = dice(16) == 0 ? "" : pod.meta.uid;
      slice.endpoints.push_back(endpoint);
    }
    if (dice(3) == 0 && !slice.endpoints.empty())
      slice.endpoints.erase(slice.endpoints.begin() + static_cast<std::ptrdiff_t>(dice(slice.endpoints.size())));
    put(slice, cluster_.slices, key);
  }

  std::mt19937_64 random_;
  Cluster cluster_;
  Intent intent_;
  int incarnation_ = 0;
  std::size_t moves_ = 0;
};

TEST(Backends, AfterAnyHistoryEqualThoseOfTheFinalObjects) {
  std::size_t moves = 0;
  for (const auto seed : seeds(200)) {
    SCOPED_TRACE(replay(seed));
    RandomBackends backends(seed);
    for (int round = 0; round < 60; ++round) {
      for (auto steps = 1 + (seed + static_cast<std::uint64_t>(round)) % 5; steps > 0; --steps) backends.step();
      ASSERT_TRUE(backends.settle()) << "in round " << round;
    }
    moves += backends.moves();
  }
  EXPECT_GT(moves, seeds(200).size()) << "changes must be reported Pod by Pod";
}

}  // namespace
}  // namespace knm::test
