#include "controller/cni/core/awaited_pod.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cni/samples.hpp"

namespace knm::cni {
namespace {

k8s::Pod pod_with(const std::string& annotation) {
  k8s::Pod pod;
  pod.meta.ns = "shop", pod.meta.name = "web-1", pod.meta.uid = test::pod_uid;
  if (!annotation.empty()) pod.meta.annotations = {{std::string(pod_state_annotation), annotation}};
  return pod;
}

std::string with(const std::string& member, const std::string& value) {
  auto object = nlohmann::json::parse(test::annotation);
  object[member] = value;
  return object.dump();
}

const PodRef asked{"shop", "web-1", test::pod_uid};

void expect_wait(const std::optional<k8s::Pod>& pod, const std::string& word) {
  const auto verdict = judge(pod, asked, false);
  const auto* waiting = std::get_if<StillWaiting>(&verdict);
  ASSERT_TRUE(waiting) << word;
  EXPECT_NE(waiting->reason.find(word), std::string::npos) << waiting->reason;
}

TEST(AwaitedPod, IsReadyWithItsOwnAnnotation) {
  const auto verdict = judge(pod_with(test::annotation), asked, false);
  ASSERT_TRUE(std::holds_alternative<PodState>(verdict));
  EXPECT_EQ(std::get<PodState>(verdict).interface.text(), test::interface_uuid);
}

TEST(AwaitedPod, IsWaitedForUntilThePodAndItsAnnotationAreThere) {
  expect_wait(std::nullopt, "no Pod of that name");
  expect_wait(pod_with(""), "check that it runs");
  auto successor = pod_with(test::annotation);
  successor.meta.uid = "another";
  expect_wait(successor, "another");
}

TEST(AwaitedPod, AnAnnotationOfAnotherPodDoesNotCount) {
  expect_wait(pod_with("{"), "cannot be read");
  expect_wait(pod_with(with("podUid", "another")), "another Pod");
  expect_wait(pod_with(with("podUid", "")), "another Pod");
  expect_wait(pod_with(with("uuid", "baecea83-5cb1-5125-af3a-02024e7b27bf")), "not derived");
}

TEST(AwaitedPod, AnAdoptedInterfaceCountsWhereTheConfigurationAllowsIt) {
  const auto adopted = with("uuid", "baecea83-5cb1-5125-af3a-02024e7b27bf");
  EXPECT_TRUE(std::holds_alternative<PodState>(judge(pod_with(adopted), asked, true)));
  EXPECT_TRUE(std::holds_alternative<StillWaiting>(judge(pod_with(with("podUid", "another")), asked, true)));
}

TEST(AwaitedPod, TheMirrorOfAStaticPodIsNotWaitedFor) {
  auto mirror = pod_with("");
  mirror.mirror = true;
  mirror.meta.uid = "of the mirror";
  EXPECT_TRUE(std::holds_alternative<NeverComes>(judge(mirror, asked, false)));
}

}  // namespace
}  // namespace knm::cni
