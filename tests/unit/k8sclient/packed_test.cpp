#include "k8sclient/api/packed.hpp"

#include <gtest/gtest.h>

namespace k8s {
namespace {

ObjectMeta full_meta() {
  ObjectMeta meta;
  meta.ns = "team";
  meta.name = "web-0";
  meta.uid = "0b9c4f4e-6f0c-4b0e-9b0e-3f1f0c6f2a11";
  meta.resource_version = 123'456'789'012;
  meta.creation_timestamp = 1'700'000'000;
  meta.terminating = true;
  meta.labels = {{"name", "web"}, {"empty", ""}};
  meta.annotations = {{"opencontrail.org/pod-state", std::string(300, 'x')}};
  return meta;
}

Pod full_pod() {
  Pod pod;
  pod.meta = full_meta();
  pod.phase = PodPhase::failed;
  pod.host_network = pod.mirror = pod.ready = true;
  pod.node = "node-1";
  return pod;
}

Service full_service() {
  Service service;
  service.meta = full_meta();
  service.type = ServiceType::load_balancer;
  service.cluster_ips = {"10.0.0.1", "fd00::1"};
  service.external_ips = {"192.0.2.1"};
  service.ports = {{"http", "TCP", 80, 8080, "", 30080}, {"", "UDP", 53, 0, "dns", 0}};
  service.has_selector = service.publish_not_ready_addresses = service.has_load_balancer_class = true;
  service.load_balancer_class = "class";
  service.load_balancer_ip = "192.0.2.2";
  service.load_balancer_source_ranges = {"198.51.100.0/24"};
  service.external_traffic_policy = "Local";
  service.internal_traffic_policy = "Cluster";
  service.session_affinity = "ClientIP";
  service.ingress = {"192.0.2.3"};
  return service;
}

EndpointSlice full_slice() {
  EndpointSlice slice;
  slice.meta = full_meta();
  slice.service = "web";
  slice.address_type = AddressType::ipv6;
  slice.endpoints = {{{"fd00::2", "fd00::3"}, true, false, true, "Pod", "team", "web-0", "uid", "node-1"}, {}};
  slice.ports = {{"http", "TCP", 8080}, {"", "UDP", 0}};
  return slice;
}

template <class T>
void keeps_everything(const T& object) {
  const Packed<T> packed(object);
  EXPECT_EQ(packed.unpack(), object);
  EXPECT_EQ(packed.key(), object_key(object.meta));
  EXPECT_EQ(packed.uid(), object.meta.uid);
}

TEST(Packed, KeepsEveryField) {
  keeps_everything(full_pod());
  keeps_everything(full_service());
  keeps_everything(full_slice());
  keeps_everything(Namespace{full_meta()});
}

TEST(Packed, KeepsEmptyObjects) {
  keeps_everything(Pod{});
  keeps_everything(Service{});
  keeps_everything(EndpointSlice{});
  keeps_everything(Namespace{});
}

TEST(Packed, KeepsClusterScopedObjects) {
  Namespace object{full_meta()};
  object.meta.ns.clear();
  keeps_everything(object);
}

TEST(Packed, KeepsNegativeNumbers) {
  Pod pod = full_pod();
  pod.meta.creation_timestamp = -1;
  keeps_everything(pod);
}

TEST(Packed, AnotherVersionIsNoDifference) {
  Pod newer = full_pod(), other = full_pod(), successor = full_pod();
  ++newer.meta.resource_version;
  other.ready = false;
  successor.meta.uid = "another";
  const Packed<Pod> packed(full_pod());
  EXPECT_TRUE(packed.same_projection(Packed<Pod>(newer)));
  EXPECT_FALSE(packed.same_projection(Packed<Pod>(other)));
  EXPECT_FALSE(packed.same_projection(Packed<Pod>(successor)));
}

TEST(Packed, EqualObjectsAreEqual) {
  Service newer = full_service(), other = full_service();
  ++newer.meta.resource_version;
  other.ports.pop_back();
  EXPECT_EQ(Packed<Service>(full_service()), Packed<Service>(full_service()));
  EXPECT_FALSE(Packed<Service>(full_service()) == Packed<Service>(newer));
  EXPECT_FALSE(Packed<Service>(full_service()) == Packed<Service>(other));
}

TEST(Packed, ADigestShowsChangesAndTheIdentity) {
  Pod newer = full_pod(), other = full_pod(), successor = full_pod();
  ++newer.meta.resource_version;
  other.node = "another";
  successor.meta.uid = "another";
  const auto digest = Packed<Pod>(full_pod()).digested();
  EXPECT_EQ(digest.key(), object_key(full_pod().meta));
  EXPECT_TRUE(digest.same_projection(Packed<Pod>(newer).digested()));
  EXPECT_FALSE(digest.same_projection(Packed<Pod>(other).digested()));
  EXPECT_EQ(digest.uid(), Packed<Pod>(other).digested().uid());
  EXPECT_NE(digest.uid(), Packed<Pod>(successor).digested().uid());
  Pod known;
  known.meta.ns = full_pod().meta.ns;
  known.meta.name = full_pod().meta.name;
  known.meta.resource_version = full_pod().meta.resource_version;
  EXPECT_EQ(digest.unpack(), known);
}

}  // namespace
}  // namespace k8s
