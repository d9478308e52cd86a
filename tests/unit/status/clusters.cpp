#include "tests/unit/status/clusters.hpp"

#include "controller/status/state.hpp"

namespace knm::test {
namespace {

std::vector<k8s::Pod> pods_of(const std::string& ns, const std::string& name, const std::string& tier, int count,
                              const PodOptions& options = {}) {
  std::vector<k8s::Pod> out;
  out.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out.push_back(make_pod(ns, name + "-" + std::to_string(i), tier, options));
  return out;
}

void apply_program(World& world, const std::vector<k8s::Pod>& pods, const k8s::Service& service) {
  for (const auto& pod : pods) world.apply(pod);
  world.apply(service);
  world.apply(make_slice(service.meta.ns, service.meta.name, pods));
}

}  // namespace

void apply_shop(World& world) {
  world.apply(make_namespace("shop"));
  world.apply(make_service("kube-system", "kube-dns", "", "10.254.0.10"));
  auto web = pods_of("shop", "web", "web", 2, {.uses_label = "api"});
  web.push_back(make_pod("shop", "web-canary", "web", {.uses = "api,search"}));
  apply_program(world, web,
                make_service("shop", "web", "web", "10.254.3.1",
                             {.external_ips = {"192.0.2.20"},
                              .ports = {{"http", "TCP", 80, 8080, "", 0}, {"https", "TCP", 443, 443, "", 0}}}));
  const PodOptions of_api{.uses = "db,cache,archive"};
  apply_program(world, pods_of("shop", "orders", "api", 2, of_api),
                make_service("shop", "orders", "api", "10.254.3.2"));
  apply_program(world, pods_of("shop", "catalog", "api", 1, of_api),
                make_service("shop", "catalog", "api", "10.254.3.3"));
  apply_program(world, pods_of("shop", "cache", "cache", 1), make_service("shop", "cache", "cache", "10.254.3.4"));
  apply_program(world, pods_of("shop", "db", "db", 3), make_service("shop", "db", "db", "", {.headless = true}));
  for (const auto& pod : pods_of("shop", "worker", "worker", 2, {.uses = "db,cache"})) world.apply(pod);
  world.apply(make_namespace("tools"));
  world.apply(make_pod("tools", "toolbox", ""));
}

void apply_mesh(World& world, int tiers, int pods) {
  world.apply(make_namespace("mesh"));
  const auto name = [](int i) { return "tier-" + std::to_string(i / 10) + std::to_string(i % 10); };
  for (int i = 0; i < tiers; ++i) {
    std::string uses;
    for (int j = i + 1; j < std::min(i + 3, tiers); ++j) uses += (uses.empty() ? "" : ",") + name(j);
    apply_program(world, pods_of("mesh", name(i), name(i), pods, {.uses = uses}),
                  make_service("mesh", name(i), name(i), "10.254.4." + std::to_string(i + 1)));
  }
}

void take_down(World& world) {
  world.set_fault(
      [](const contrail::Request&, const auto&) { return ConfigAnswer{Sent::no, 0, "", "connection refused"}; });
}

void refuse(World& world, const std::string& last_name) {
  world.set_fault([last_name](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.method != "POST" || request.body.find("\"" + last_name + "\"],") == std::string::npos)
      return std::nullopt;
    return ConfigAnswer{Sent::answered, 500, "\x1b[31mInternal\x1b[0m trouble:\n\xff\xfe database", ""};
  });
}

Settings with_private_range(const std::string& cidr) {
  auto settings = demo_settings();
  settings.private_ip_range = {*contrail::Cidr::parse(cidr)};
  return settings;
}

nlohmann::ordered_json state_json(World& world) {
  const auto text =
      state_of(world.engine(), {.version = "0.1.0", .config_api = "http://localhost:8082", .now = world.now()}).dump();
  return nlohmann::ordered_json::parse(text);
}

}  // namespace knm::test
