#include "controller/serve/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  std::string text() const { return metrics_.scrape().body; }

  Metrics metrics_{{"0.1.0-dev+gabc", "clang 19"}};
};

TEST_F(MetricsTest, TheContentTypeIsThatOfPrometheus) {
  EXPECT_EQ(metrics_.scrape().content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(text(),
              HasSubstr("kube_network_manager_build_info{compiler=\"clang 19\",version=\"0.1.0-dev+gabc\"} 1\n"));
}

TEST_F(MetricsTest, CountersExistWithZeroFromTheStart) {
  EXPECT_THAT(text(), HasSubstr("knm_reconcile_retries_total 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_pods_waiting 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_api_access_refused 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_api_circuit_open 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_tls_unverified{server=\"config-api\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_tls_unverified{server=\"keystone\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_time_to_network_seconds_count{kind=\"pod\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_time_to_network_seconds_count{kind=\"service\"} 0\n"));
}

TEST_F(MetricsTest, CountsConfigRequests) {
  metrics_.config_request("virtual-network", ConfigVerb::create, 200, 3ms);
  metrics_.config_request("virtual-network", ConfigVerb::create, 200, 7ms);
  metrics_.config_request("floating-ip", ConfigVerb::remove, 0, 10s);
  metrics_.config_request("project", ConfigVerb::read, 12345, 1ms);
  EXPECT_THAT(text(),
              HasSubstr("knm_config_api_requests_total{code=\"200\",type=\"virtual-network\",verb=\"create\"} 2\n"));
  EXPECT_THAT(text(),
              HasSubstr("knm_config_api_requests_total{code=\"<error>\",type=\"floating-ip\",verb=\"delete\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_api_requests_total{code=\"600\",type=\"project\",verb=\"read\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_api_request_duration_seconds_count{verb=\"create\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_api_request_duration_seconds_bucket{verb=\"create\",le=\"0.005\"} 1\n"));
}

TEST_F(MetricsTest, KubernetesRequestsHaveTheLabelsOfClientGo) {
  metrics_.kube_request("PATCH", "127.0.0.1:6443", 200, 4ms);
  EXPECT_THAT(text(),
              HasSubstr("rest_client_requests_total{code=\"200\",host=\"127.0.0.1:6443\",method=\"PATCH\"} 1\n"));
}

TEST_F(MetricsTest, CountsWatches) {
  metrics_.watch_listed("pods");
  metrics_.watch_started("pods");
  metrics_.watch_event("pods", WatchEvent::modified);
  metrics_.set_cached("pods", 7);
  metrics_.set_unreadable("pods", 2);
  metrics_.set_watch("pods", 90s, 4);
  metrics_.set_watch("pods", 91s, 5);
  metrics_.set_watch_version("pods", 123456);
  EXPECT_THAT(text(), HasSubstr("knm_watch_resource_version{resource=\"pods\"} 123456\n"));
  EXPECT_THAT(text(), HasSubstr("knm_unreadable_objects{resource=\"pods\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("knm_watch_last_heard_seconds{resource=\"pods\"} 91\n"));
  EXPECT_THAT(text(), HasSubstr("knm_watch_failures_total{resource=\"pods\"} 5\n"));
  EXPECT_THAT(text(), HasSubstr("knm_watch_lists_total{resource=\"pods\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_watch_starts_total{resource=\"pods\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_watch_events_total{event=\"modified\",resource=\"pods\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_cached_objects{resource=\"pods\"} 7\n"));
}

TEST_F(MetricsTest, ShowsTheLeader) {
  EXPECT_THAT(text(), Not(HasSubstr("leader_election_master_status{")));
  metrics_.set_leader("knm", true);
  EXPECT_THAT(text(), HasSubstr("leader_election_master_status{name=\"knm\"} 1\n"));
  metrics_.set_leader("knm", false);
  EXPECT_THAT(text(), HasSubstr("leader_election_master_status{name=\"knm\"} 0\n"));
}

TEST_F(MetricsTest, CountsObjectsAndPods) {
  metrics_.set_objects("virtual-network", "in_sync", 5);
  metrics_.set_objects("virtual-network", "blocked", 1);
  metrics_.set_pods_waiting(3);
  metrics_.reconcile_retried();
  metrics_.patched("pod-state", "dropped");
  metrics_.overwritten("pod-state", "");
  metrics_.set_fights(2);
  metrics_.set_writes_refused("pod-state", true);
  metrics_.network_written(Changed::pod, 42ms);
  EXPECT_THAT(text(), HasSubstr("knm_objects{state=\"in_sync\",type=\"virtual-network\"} 5\n"));
  EXPECT_THAT(text(), HasSubstr("knm_objects{state=\"blocked\",type=\"virtual-network\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_pods_waiting 3\n"));
  EXPECT_THAT(text(), HasSubstr("knm_reconcile_retries_total 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_time_to_network_seconds_bucket{kind=\"pod\",le=\"0.05\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_kubernetes_patches_total{kind=\"pod-state\",result=\"dropped\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_overwritten_total{kind=\"pod-state\",manager=\"unknown\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_fights 2\n"));
  EXPECT_THAT(text(), HasSubstr("knm_kubernetes_writes_refused{kind=\"pod-state\"} 1\n"));
}

// Other clients choose these names: the number of labels must stay limited.
TEST_F(MetricsTest, TheNumberOfFieldManagersIsLimited) {
  for (int i = 0; i < 1000; ++i) metrics_.overwritten("pod-state", "manager-" + std::to_string(i));
  EXPECT_THAT(text(), HasSubstr("knm_overwritten_total{kind=\"pod-state\",manager=\"manager-0\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_overwritten_total{kind=\"pod-state\",manager=\"other\"} 980\n"));
}

TEST_F(MetricsTest, CountsAudits) {
  EXPECT_THAT(text(), HasSubstr("knm_audit_duration_seconds_count{result=\"failed\"} 0\n"));
  metrics_.audited(true, 60ms);
  metrics_.audited(true, 2s);
  metrics_.audited(false, 1ms);
  EXPECT_THAT(text(), HasSubstr("knm_audit_duration_seconds_count{result=\"complete\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("knm_audit_duration_seconds_bucket{result=\"complete\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_audit_duration_seconds_count{result=\"failed\"} 1\n"));
}

TEST_F(MetricsTest, ShowsTheNotificationsOfTheConfigApi) {
  metrics_.set_config_watch(true, 3s);
  metrics_.set_config_watch_events("known", 5);
  metrics_.set_config_watch_events("known", 7);
  metrics_.set_config_watch_streams(2);
  metrics_.set_config_watch_missed(4);
  metrics_.set_config_watch_missed(6);
  EXPECT_THAT(text(), HasSubstr("knm_config_watch_alive 1\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_watch_last_heard_seconds 3\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_watch_events_total{result=\"known\"} 7\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_watch_streams_total 2\n"));
  EXPECT_THAT(text(), HasSubstr("knm_config_watch_missed_total 6\n"));
}

TEST_F(MetricsTest, ShowsPausesAndLostLines) {
  metrics_.set_audit_pause(90s);
  metrics_.set_log_lines_lost(3);
  metrics_.set_log_lines_lost(5);
  EXPECT_THAT(text(), HasSubstr("knm_audit_pause_seconds 90\n"));
  EXPECT_THAT(text(), HasSubstr("knm_log_lines_lost_total 5\n"));
}

TEST_F(MetricsTest, EventsAreCountedFromTheStart) {
  EXPECT_THAT(text(), HasSubstr("knm_events_total{result=\"suppressed\"} 0\n"));
  metrics_.set_events(EventFate::sent, 3);
  metrics_.set_events(EventFate::sent, 5);
  EXPECT_THAT(text(), HasSubstr("knm_events_total{result=\"sent\"} 5\n"));
}

TEST_F(MetricsTest, AReasonWithoutProblemsIsZero) {
  metrics_.set_user_errors({{"AddressTaken", 2}, {"BadLabel", 1}});
  metrics_.set_user_errors({{"BadLabel", 4}});
  EXPECT_THAT(text(), HasSubstr("knm_user_errors{reason=\"AddressTaken\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("knm_user_errors{reason=\"BadLabel\"} 4\n"));
}

TEST_F(MetricsTest, CountsMayBeUpdatedBeforeAScrape) {
  std::size_t waiting = 1;
  metrics_.before_scrape([&] { metrics_.set_pods_waiting(waiting); });
  EXPECT_THAT(text(), HasSubstr("knm_pods_waiting 1\n"));
  waiting = 2;
  EXPECT_THAT(text(), HasSubstr("knm_pods_waiting 2\n"));
}

TEST_F(MetricsTest, ShowsTheProcess) {
  for (const auto* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_threads"}) {
    EXPECT_THAT(text(), HasSubstr(std::string("\n") + name + " "));
  }
}

// The file descriptor of the reading itself is not counted: two readings are equal.
TEST_F(MetricsTest, ReadingTheProcessLeavesNoDescriptorOpen) {
  const auto descriptors = [](const std::string& page) {
    const auto at = page.find("\nprocess_open_fds ");
    return page.substr(at, page.find('\n', at + 1) - at);
  };
  EXPECT_EQ(descriptors(text()), descriptors(text()));
}

}  // namespace
}  // namespace knm
