#include "controller/events/moments.hpp"

#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace knm::test {
namespace {

// The notices of the reports that were added since the last call.
class Moments : public testing::Test {
 protected:
  Moments() : world_(demo_settings()) { world_.apply(make_namespace("shop")); }

  void settle() { ASSERT_TRUE(world_.converge()); }

  std::vector<Notice> new_notices() {
    std::vector<Notice> out;
    for (; read_ < world_.reports().size(); ++read_)
      if (auto notice = moment_of(world_.reports()[read_], world_.engine())) out.push_back(std::move(*notice));
    return out;
  }

  World world_;
  std::size_t read_ = 0;
};

TEST_F(Moments, ThePodsNetworkIsReportedAsReadyOnce) {
  const auto pod = make_pod("shop", "web-1", "web");
  world_.apply(pod);
  world_.start();
  settle();
  const auto first = new_notices();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].subject, (Subject{SubjectKind::pod, "shop/web-1"}));
  EXPECT_EQ(first[0].uid, pod.meta.uid);
  EXPECT_EQ(first[0].reason, "NetworkReady");
  EXPECT_FALSE(first[0].warning);
  EXPECT_EQ(first[0].note.find("has 10.0."), 0U) << first[0].note;
  EXPECT_NE(first[0].note.find(" in network default-domain:shop:web"), std::string::npos) << first[0].note;

  world_.restart();
  settle();
  EXPECT_TRUE(new_notices().empty()) << "a restart causes no notice";
}

TEST_F(Moments, ARecreatedPodIsReportedAgain) {
  world_.apply(make_pod("shop", "web-1", "web"));
  world_.start();
  settle();
  new_notices();
  world_.remove_pod("shop/web-1");
  PodOptions second;
  second.incarnation = 2;
  const auto pod = make_pod("shop", "web-1", "web", second);
  world_.apply(pod);
  settle();
  const auto again = new_notices();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].uid, pod.meta.uid);
}

TEST_F(Moments, AMoveToAnotherTierIsNotReported) {
  world_.apply(make_pod("shop", "web-1", "web"));
  world_.start();
  settle();
  new_notices();
  world_.apply(make_pod("shop", "web-1", "db"));
  settle();
  EXPECT_TRUE(new_notices().empty());
}

TEST_F(Moments, AnAssignedPublicAddressIsReported) {
  ServiceOptions options;
  options.external_ips = {"192.0.2.10"};
  const auto service = make_service("shop", "web", "web", "10.254.0.9", options);
  world_.apply(service);
  world_.start();
  settle();
  const auto first = new_notices();
  ASSERT_EQ(first.size(), 1U) << "a ClusterIP is not reported";
  EXPECT_EQ(first[0].subject, (Subject{SubjectKind::service, "shop/web"}));
  EXPECT_EQ(first[0].uid, service.meta.uid);
  EXPECT_EQ(first[0].reason, "ExternalAddressAssigned");
  EXPECT_EQ(first[0].note, "has the public address 192.0.2.10");

  world_.restart();
  settle();
  EXPECT_TRUE(new_notices().empty());
  options.external_ips = {"192.0.2.10", "192.0.2.11"};
  world_.apply(make_service("shop", "web", "web", "10.254.0.9", options));
  settle();
  const auto more = new_notices();
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].note, "has the public address 192.0.2.11");
}

TEST_F(Moments, APublicAddressIsReportedAlthoughTheAnswerToItsCreateWasLost) {
  ServiceOptions options;
  options.external_ips = {"192.0.2.10"};
  world_.apply(make_service("shop", "web", "web", "10.254.0.9", options));
  bool lost = false;
  world_.set_fault([&](const contrail::Request& request,
                       const std::function<ConfigAnswer()>& carry_out) -> std::optional<ConfigAnswer> {
    if (lost || request.method != "POST" || request.body.find("192.0.2.10") == std::string::npos) return std::nullopt;
    lost = true;
    carry_out();
    return ConfigAnswer{Sent::unknown, 0, {}, "the answer was lost"};
  });
  world_.start();
  settle();
  ASSERT_TRUE(lost);
  const auto once = new_notices();
  ASSERT_EQ(once.size(), 1U);
  EXPECT_EQ(once[0].note, "has the public address 192.0.2.10");
}

TEST_F(Moments, AnAddressVerifiedAfterARefusedChangeIsNotReported) {
  ServiceOptions options;
  options.external_ips = {"192.0.2.10"};
  world_.apply(make_service("shop", "web", "web", "10.254.0.9", options));
  const auto pod = make_pod("shop", "web-1", "web");
  world_.apply(pod);
  world_.start();
  settle();
  new_notices();
  bool refused = false;
  world_.set_fault([&](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (refused || !request.target.starts_with("/ref-update")) return std::nullopt;
    refused = true;
    return ConfigAnswer{Sent::answered, 500, "refused by the test", {}};
  });
  world_.apply(make_slice("shop", "web", {pod}));
  settle();
  ASSERT_TRUE(refused);
  EXPECT_TRUE(new_notices().empty());
}

TEST_F(Moments, ThePatchOfAFormerPodIsNotReportedForItsSuccessor) {
  world_.apply(make_pod("shop", "web-1", "web"));
  world_.start();
  Job patch;
  for (;;) {
    const auto job = world_.engine().poll(world_.now());
    if (!job) break;
    if (std::holds_alternative<PodPatch>(job->request)) patch = *job;
    const auto* request = std::get_if<contrail::Request>(&job->request);
    if (!request) break;
    const auto response = world_.api().handle({request->method, request->target, "localhost:8082", request->body, {}});
    world_.engine().answer(job->id, ConfigAnswer{Sent::answered, response.status, response.body, {}}, world_.now());
  }
  ASSERT_NE(patch.id, 0U);
  world_.remove_pod("shop/web-1");
  PodOptions second;
  second.incarnation = 2;
  world_.apply(make_pod("shop", "web-1", "web", second));
  world_.engine().answer(patch.id, PatchAnswer{PatchResult::done, 3, {}}, world_.now());
  EXPECT_TRUE(new_notices().empty());
  settle();
  const auto ready = new_notices();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].uid, make_pod("shop", "web-1", "web", second).meta.uid);
}

}  // namespace
}  // namespace knm::test
