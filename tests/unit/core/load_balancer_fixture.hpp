#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

// LoadBalancer Services in a cluster with one Namespace, "a".
namespace knm::test {

inline ServiceOptions balanced(const std::string& request = "") {
  ServiceOptions options;
  options.type = k8s::ServiceType::load_balancer;
  options.load_balancer_ip = request;
  return options;
}

inline Settings small_range(const std::string& range = "192.0.2.0/29") {
  auto settings = demo_settings();
  settings.public_ip_range = {*contrail::Cidr::parse(range)};
  return settings;
}

class LoadBalancerAddresses : public testing::Test {
 protected:
  void begin(Settings settings = demo_settings(), bool notified = false) {
    world_.emplace(std::move(settings));
    if (notified) world_->notify();
    world_->apply(make_namespace("a"));
    world_->start();
  }
  k8s::Service service(const std::string& name, ServiceOptions options = balanced()) {
    return make_service("a", name, "web", "10.254.0." + std::to_string(10 + name.back() - 'a'), options);
  }
  void apply(const k8s::Service& object) {
    world_->apply(object);
    ASSERT_TRUE(world_->converge());
  }
  std::vector<std::string> status(const std::string& name) const {
    return world_->cluster().services.at("a/" + name).ingress;
  }
  // The addresses of the floating IPs in the public pool whose owner annotations name this Service.
  std::vector<std::string> floating_ips(const std::string& name) {
    std::vector<std::string> out;
    const auto dump = nlohmann::json::parse(world_->api().dump());
    for (const auto& object : dump.value("floating-ip", nlohmann::json::array())) {
      if (object["fq_name"][2] != "Public") continue;
      const auto& annotations = object["annotations"]["key_value_pair"];
      const nlohmann::json made_for{{"key", "opencontrail.org/object"}, {"value", "a/" + name}};
      if (std::find(annotations.begin(), annotations.end(), made_for) != annotations.end())
        out.push_back(object["floating_ip_address"]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  void forge(const std::string& name, std::vector<std::string> addresses) {
    auto object = world_->cluster().services.at("a/" + name);
    object.ingress = std::move(addresses);
    world_->apply(object);
    if (world_->runs()) ASSERT_TRUE(world_->converge());
  }
  bool reports(const std::string& name, const std::string& reason) {
    const auto& pages = world_->engine().problems().pages();
    const auto page = pages.find({SubjectKind::service, "a/" + name});
    if (page == pages.end()) return false;
    const auto all = page->second.all();
    return std::any_of(all.begin(), all.end(), [&](const auto& problem) { return problem.reason == reason; });
  }
  void create_foreign(const std::string& address) {
    other().create("floating-ip",
                   {{"fq_name", split_name("default-domain:default-project:Public:Public:theirs-" + address)},
                    {"parent_type", "floating-ip-pool"},
                    {"floating_ip_address", address},
                    {"annotations", {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", "west/1"}}}}}}});
  }

  OtherClient other() {
    return OtherClient(world_->api(), [this](const standin::Response& response) { world_->hear(response); });
  }

  std::optional<World> world_;
};

}  // namespace knm::test
