#include <gtest/gtest.h>

#include "controller/intent/intent.hpp"
#include "controller/intent/roster.hpp"
#include "tests/support/builders.hpp"

// Which Pods a Service reaches, at which ports and in which family, according to its EndpointSlices.
namespace knm {
namespace {

using contrail::Family;
using Mappings = std::vector<contrail::PortMapping>;
using Keys = std::vector<std::string>;
using Ports = std::vector<k8s::EndpointPort>;

class BackendsTest : public testing::Test {
 protected:
  static Settings dual_stack() {
    Settings settings;
    settings.service_cluster_ip_range.push_back(*contrail::Cidr::parse("fd00::/112"));
    return settings;
  }
  BackendsTest() : intent_(dual_stack()) {
    intent_.put(test::make_namespace("ns"));
    intent_.put(test::make_namespace("other"));
  }

  void serve(std::vector<k8s::ServicePort> ports, bool selector = true, const std::string& ip = "10.254.0.1") {
    service_ = test::make_service("ns", "s", "", ip, {.ports = std::move(ports), .selector = selector});
    intent_.put(service_);
  }
  k8s::Pod pod(const std::string& name, std::int64_t created = 1000, const std::string& tier = "web") {
    auto out = test::make_pod("ns", name, tier);
    out.meta.creation_timestamp = created;
    intent_.put(out);
    return out;
  }
  void slice(const std::string& name, const std::vector<k8s::Pod>& pods, Ports ports,
             const std::vector<std::string>& unready = {}, k8s::AddressType family = k8s::AddressType::ipv4) {
    auto out = test::make_slice("ns", "s", pods, unready);
    out.meta.name = name;
    out.ports = std::move(ports);
    out.address_type = family;
    intent_.put(out);
  }
  const ServiceFacts& facts() {
    changed_ = intent_.settle();
    return *intent_.service("ns/s");
  }
  Keys pods(Family family = Family::v4) {
    const auto& pods = facts().reached(family).pods;
    return {pods.begin(), pods.end()};
  }
  Mappings mappings(Family family = Family::v4) { return facts().reached(family).mappings; }
  Keys reasons() {
    Keys out;
    for (const auto& problem : facts().problems) out.push_back(problem.reason);
    return out;
  }
  std::string message(const std::string& reason) {
    for (const auto& problem : facts().problems)
      if (problem.reason == reason) return problem.message;
    return "";
  }

  Intent intent_;
  k8s::Service service_;
  std::vector<Unit> changed_;
};

const Ports http{{"", "TCP", 8080}}, other_http{{"", "TCP", 8081}};

TEST_F(BackendsTest, NoMappingsIfEveryPortIsItsOwnTarget) {
  serve({{"a", "TCP", 80, 80, "", 0}, {"b", "UDP", 53, 0, "", 0}});
  slice("x", {pod("a")}, {{"a", "TCP", 80}, {"b", "UDP", 53}});
  EXPECT_EQ(mappings(), Mappings{});
  EXPECT_EQ(pods(), Keys{"ns/a"});
}

TEST_F(BackendsTest, AllPortsAreMappedAsSoonAsOneDiffers) {
  serve({{"a", "UDP", 53, 53, "", 0}, {"b", "TCP", 80, 3000, "", 0}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 3000}, {"udp", 53, 53}}))
      << "without slices, the target ports of the Service count";
}

// Kubernetes resolves a name in the first container that has it, and resolves numbers in the same way.
TEST_F(BackendsTest, ThePortsOfTheSlicesWin) {
  serve({{"a", "TCP", 80, 3000, "", 0}, {"b", "UDP", 53, 0, "dns", 0}});
  slice("x", {pod("a")}, {{"b", "UDP", 1053}, {"b", "TCP", 2053}, {"a", "TCP", 4000}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 4000}, {"udp", 53, 1053}}));
  EXPECT_EQ(reasons(), Keys{});
}

// Long names are stored as digests; a name that is a part of another name is a different name.
TEST_F(BackendsTest, LongPortNamesAreDistinguished) {
  const std::string tail(50, 'x');
  serve({{tail + "-a", "TCP", 80, 0, "a", 0},
         {tail + "-b", "TCP", 81, 0, "b", 0},
         {"xxxxxxxxxxxx", "TCP", 82, 0, "c", 0}});
  slice("x", {pod("a")}, {{tail + "-b", "TCP", 4001}, {"xxxxxxxxxxxx", "TCP", 4002}, {tail + "-a", "TCP", 4000}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 4000}, {"tcp", 81, 4001}, {"tcp", 82, 4002}}));
}

// Kubernetes writes the slices one after the other when a Service gets a port; this must not cause two writes.
TEST_F(BackendsTest, APortThatIsMissingFromTheSlicesIsItsOwnTarget) {
  serve({{"a", "TCP", 80, 80, "", 0}, {"b", "TCP", 443, 443, "", 0}});
  slice("x", {pod("a")}, {{"a", "TCP", 80}});
  slice("y", {pod("b")}, {{"a", "TCP", 80}, {"b", "TCP", 443}});
  EXPECT_EQ(mappings(), Mappings{});
  EXPECT_EQ(pods(), (Keys{"ns/a", "ns/b"}));
}

TEST_F(BackendsTest, WithoutASelectorAPortThatIsInNoSliceIsClosed) {
  serve({{"a", "TCP", 80, 80, "", 0}, {"b", "TCP", 443, 8443, "", 0}}, false);
  slice("x", {pod("a")}, {{"a", "TCP", 80}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 80}}));
  EXPECT_EQ(reasons(), Keys{"NamedPortUnreached"});
  EXPECT_NE(message("NamedPortUnreached").find(": 443 (8443);"), std::string::npos);
}

// A slice port without a number is for other consumers; the address of the Service does not serve it.
TEST_F(BackendsTest, ASlicePortWithoutANumberServesNothing) {
  serve({{"", "TCP", 80, 80, "", 0}});
  slice("x", {pod("a")}, {{"", "TCP", 0}});
  EXPECT_EQ(pods(), Keys{});
  EXPECT_EQ(reasons(), Keys{"NamedPortMissing"});
}

TEST_F(BackendsTest, TheMajorityIsServedAndTheOthersAreReported) {
  serve({{"", "TCP", 80, 0, "http", 0}});
  slice("x", {pod("a", 1)}, other_http);
  slice("y", {pod("b"), pod("c")}, http);
  EXPECT_EQ(pods(), (Keys{"ns/b", "ns/c"}));
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 8080}}));
  EXPECT_EQ(reasons(), Keys{"NamedPortsDiffer"});
  EXPECT_NE(message("NamedPortsDiffer").find(" a do not"), std::string::npos);
  // Both lists have one ready Pod: the oldest Pod decides.
  slice("y", {pod("b"), pod("c")}, http, {"c"});
  EXPECT_EQ(pods(), Keys{"ns/a"});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 8081}}));
  // The meaning of the lists counts, not their text.
  slice("z", {pod("d")}, {{"more", "TCP", 1}, {"", "TCP", 8080}});
  EXPECT_EQ(pods(), (Keys{"ns/b", "ns/d"}));
}

TEST_F(BackendsTest, APodWithoutAnyOfThePortsDoesNotServe) {
  serve({{"", "TCP", 80, 0, "http", 0}});
  slice("x", {pod("a", 1)}, {});
  EXPECT_EQ(pods(), Keys{});
  EXPECT_EQ(reasons(), Keys{"NamedPortMissing"}) << "this problem already says that no Pod answers";
  slice("y", {pod("b")}, http);
  EXPECT_EQ(pods(), Keys{"ns/b"});
  EXPECT_EQ(reasons(), Keys{"NamedPortMissing"});
}

TEST_F(BackendsTest, AChangeOfReadinessChangesNoMapping) {
  serve({{"", "TCP", 80, 0, "http", 0}, {"s", "TCP", 443, 0, "https", 0}});
  EXPECT_EQ(mappings(), Mappings{}) << "no slice exists";
  EXPECT_EQ(reasons(), Keys{}) << "no slices are no problem";
  slice("x", {pod("a", 1)}, http, {"a"});
  slice("y", {pod("b", 2)}, other_http, {"b"});
  const Mappings first{{"tcp", 80, 8080}};
  EXPECT_EQ(mappings(), first);
  EXPECT_EQ(reasons(), Keys{"NamedPortUnreached"});
  EXPECT_NE(message("NamedPortUnreached").find(": 443 (https);"), std::string::npos);
  slice("x", {pod("a", 1)}, http);
  EXPECT_EQ(mappings(), first);
  EXPECT_EQ(reasons(), Keys{"NamedPortUnreached"});
  // An unready Pod does not count if another one is ready.
  slice("x", {pod("a", 1)}, http, {"a"});
  slice("y", {pod("b", 2)}, other_http);
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 8081}}));
}

// Slices that users write may have one slice for each port.
TEST_F(BackendsTest, SlicesOfOnePodAreCombined) {
  serve({{"a", "TCP", 80, 0, "a", 0}, {"b", "TCP", 81, 0, "b", 0}}, false);
  slice("x", {pod("a")}, {{"a", "TCP", 8080}});
  slice("y", {pod("a")}, {{"b", "TCP", 8081}}, {"a"});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 80, 8080}, {"tcp", 81, 8081}}));
  EXPECT_EQ(pods(), Keys{"ns/a"});
  slice("x", {}, {{"a", "TCP", 8080}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 81, 8081}}));
  EXPECT_EQ(pods(), Keys{});
  slice("y", {pod("a")}, {{"b", "TCP", 8082}});
  EXPECT_EQ(mappings(), (Mappings{{"tcp", 81, 8082}}));
  EXPECT_EQ(pods(), Keys{"ns/a"});
}

TEST_F(BackendsTest, AnAddressReachesThePodsOfItsFamily) {
  serve({{"", "TCP", 80, 0, "http", 0}});
  service_.cluster_ips = {"10.254.0.1", "fd00::1"};
  intent_.put(service_);
  slice("x", {pod("a"), pod("b")}, http);
  slice("y", {}, {}, {}, k8s::AddressType::ipv6);
  EXPECT_EQ(pods(Family::v6), Keys{});
  slice("y", {pod("b")}, other_http, {}, k8s::AddressType::ipv6);
  EXPECT_EQ(pods(Family::v4), (Keys{"ns/a", "ns/b"}));
  EXPECT_EQ(pods(Family::v6), Keys{"ns/b"});
  EXPECT_EQ(mappings(Family::v6), (Mappings{{"tcp", 80, 8081}}));
  EXPECT_EQ(reasons(), Keys{}) << "each address has its own mappings";
}

// --- Changes are reported Pod by Pod

TEST_F(BackendsTest, AChangeOfReadinessIsReportedAsAMovedPod) {
  for (const auto* ip : {"10.254.0.1", "None"}) {
    serve({{"", "TCP", 80, 0, "http", 0}}, true, ip);
    slice("x", {pod("a"), pod("b")}, http);
    EXPECT_EQ(pods(), (Keys{"ns/a", "ns/b"}));
    EXPECT_EQ(intent_.moved_backends("ns/s"), nullptr);
    slice("x", {pod("a"), pod("b")}, http, {"b"});
    EXPECT_EQ(pods(), Keys{"ns/a"}) << ip;
    ASSERT_NE(intent_.moved_backends("ns/s"), nullptr) << ip;
    EXPECT_EQ(*intent_.moved_backends("ns/s"), Keys{"ns/b"});
  }
}

TEST_F(BackendsTest, AHeadlessServiceOpensTheTiersOfItsReadyPods) {
  serve({{"", "TCP", 80, 0, "http", 0}}, true, "None");
  const auto a = pod("a"), b = pod("b", 1000, "db"), c = pod("c", 1000, "db");
  slice("x", {a, b, c}, {});
  EXPECT_EQ(reasons(), Keys{}) << "clients of a headless Service connect to the Pods themselves";
  const auto opened = [&] {
    intent_.settle();
    Keys out;
    for (const auto& tier : intent_.service_tier("ns/default")->headless_backends) out.push_back(tier);
    return out;
  };
  EXPECT_EQ(opened(), (Keys{"ns/db", "ns/web"}));
  slice("x", {a, b, c}, {}, {"b"});
  EXPECT_EQ(opened(), (Keys{"ns/db", "ns/web"}));
  slice("x", {a, b, c}, {}, {"b", "c"});
  EXPECT_EQ(opened(), Keys{"ns/web"});
  auto moved = a;
  moved.meta.labels = {{"name", "db"}};
  intent_.put(moved);
  EXPECT_EQ(opened(), Keys{"ns/db"});
  intent_.drop_pod("ns/a");
  EXPECT_EQ(opened(), Keys{});
}

// --- Limits

TEST_F(BackendsTest, OnlyTheFirstPortsCount) {
  std::vector<k8s::ServicePort> ports;
  Ports resolved;
  for (int i = 1; i <= static_cast<int>(max_service_ports) + 2; ++i) {
    ports.push_back({"p" + std::to_string(i), "TCP", i, 0, "n" + std::to_string(i), 0});
    resolved.push_back({"p" + std::to_string(i), "TCP", i});
  }
  serve(ports);
  slice("x", {pod("a")}, resolved);
  EXPECT_EQ(mappings().size(), max_service_ports) << "every port is its own target, and two are closed";
  EXPECT_EQ(reasons(), Keys{"TooManyPorts"});
  ports.resize(max_service_ports);
  serve(ports);
  EXPECT_EQ(mappings(), Mappings{});
  EXPECT_EQ(reasons(), Keys{});
}

TEST_F(BackendsTest, TooManyPortListsOfAPodAreIgnored) {
  serve({{"http", "TCP", 80, 8080, "", 0}, {"web", "TCP", 81, 0, "web", 0}});
  const auto a = pod("a"), b = pod("b");
  const auto list = [&](std::size_t i) {
    return Ports{{"http", "TCP", 9000}, {"web", "TCP", 9001}, {"x" + std::to_string(i), "TCP", 1}};
  };
  const Mappings from_slices{{"tcp", 80, 9000}, {"tcp", 81, 9001}}, from_numbers{{"tcp", 80, 8080}};
  for (std::size_t i = 0; i < most_port_lists; ++i) slice("s" + std::to_string(i), {a}, list(i));
  EXPECT_EQ(mappings(), from_slices);
  EXPECT_EQ(reasons(), Keys{});
  for (std::size_t i = most_port_lists; i < most_port_lists + 3; ++i) {
    slice("s" + std::to_string(i), {a}, list(i));
    EXPECT_EQ(mappings(), from_numbers);
    EXPECT_EQ(reasons(), (Keys{"NamedPortUnreached", "TooManyPorts"}));
  }
  // The limit is per Pod.
  slice("other", {b}, list(0));
  EXPECT_EQ(pods().size(), 1U);
  // The slices are deleted one after the other; their ports count again as soon as there are few enough.
  for (std::size_t i = most_port_lists + 3; i-- > 2;) {
    intent_.drop_slice("ns/s" + std::to_string(i));
    if (i > most_port_lists) continue;
    EXPECT_EQ(mappings(), from_slices) << i;
    EXPECT_EQ(pods(), (Keys{"ns/a", "ns/b"}));
    EXPECT_EQ(reasons(), Keys{});
  }
  slice("s1", {a}, list(0));
  EXPECT_EQ(mappings(), from_slices);
}

// A text of a megabyte is not a UID.
TEST_F(BackendsTest, AVeryLongUidNamesNoPod) {
  serve({{"", "TCP", 80, 8080, "", 0}});
  auto a = pod("a");
  a.meta.uid = std::string(1'000'000, 'u');
  slice("x", {a}, {{"", "TCP", 8080}});
  EXPECT_EQ(pods(), Keys{});
  EXPECT_EQ(reasons(), Keys{"EndpointWithoutNetwork"});
}

TEST_F(BackendsTest, OnlyTheFirstPodsByNameAreReached) {
  serve({{"", "TCP", 80, 80, "", 0}});
  std::vector<k8s::Pod> all;
  for (std::size_t i = 0; i < max_backends + 2; ++i) all.push_back(pod("p" + std::to_string(100000 + i)));
  slice("x", all, {{"", "TCP", 80}});
  EXPECT_EQ(pods().size(), max_backends);
  EXPECT_EQ(pods().back(), "ns/" + all[max_backends - 1].meta.name);
  EXPECT_EQ(reasons(), Keys{"TooManyBackends"});
  // If one of the first Pods becomes unready, the next one replaces it until it is ready again.
  slice("x", all, {{"", "TCP", 80}}, {all[5].meta.name});
  EXPECT_EQ(pods().back(), "ns/" + all[max_backends].meta.name);
  EXPECT_EQ(*intent_.moved_backends("ns/s"), (Keys{"ns/" + all[5].meta.name, "ns/" + all[max_backends].meta.name}));
  slice("x", all, {{"", "TCP", 80}});
  EXPECT_EQ(pods().back(), "ns/" + all[max_backends - 1].meta.name);
}

// --- Services that get no traffic

TEST_F(BackendsTest, AServiceWithoutTrafficReportsTheReason) {
  const auto reports = [&](const std::string& reason, const std::string& words, bool notice) {
    const auto& problems = facts().problems;
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].reason, reason);
    EXPECT_EQ(problems[0].notice, notice);
    EXPECT_NE(problems[0].message.find(words), std::string::npos) << problems[0].message;
  };
  serve({{"", "TCP", 80, 80, "", 0}}, false);
  EXPECT_FALSE(facts().counts);
  reports("ServiceNotConnected", "no endpoints", true);
  auto external = test::make_slice("ns", "s", std::vector<k8s::Pod>{});
  external.endpoints.resize(1);
  external.endpoints[0].ready = true;
  intent_.put(external);
  reports("ServiceNotConnected", "external-service", true);
  external.endpoints[0].node = "node-1";
  intent_.put(external);
  reports("ServiceNotConnected", "network of the nodes", true);
  external.address_type = k8s::AddressType::fqdn;
  intent_.put(external);
  reports("ServiceNotConnected", "names", true);
  auto foreign = test::make_pod("other", "a", "web");
  intent_.put(foreign);
  intent_.put(test::make_slice("ns", "s", {foreign}));
  reports("EndpointWithoutNetwork", "another Namespace", false);
}

TEST_F(BackendsTest, PodsOnlyInTheHostNetworkAreNoWarning) {
  serve({{"", "TCP", 80, 80, "", 0}});
  auto host = test::make_pod("ns", "host", "", {.host_network = true});
  intent_.put(host);
  slice("x", {host}, {{"", "TCP", 80}});
  ASSERT_EQ(facts().problems.size(), 1U);
  EXPECT_EQ(facts().problems[0].reason, "EndpointsOnNodes");
  EXPECT_TRUE(facts().problems[0].notice);
  slice("x", {host, pod("a")}, {{"", "TCP", 80}});
  EXPECT_EQ(reasons(), Keys{"EndpointWithoutNetwork"}) << "a part of the traffic is lost";
}

}  // namespace
}  // namespace knm
