#include "controller/status/sections.hpp"

#include <algorithm>

#include "controller/status/order.hpp"
#include "controller/status/printable.hpp"

namespace knm {
namespace {

// In a Namespace with more tiers, each of them gets a line or two.
constexpr std::size_t roomy = 12;
constexpr std::size_t widest_name = 28;

// The number of listed names of `count`: a list is not cut for a single name.
std::size_t names_shown(const Canvas& canvas, std::size_t count, std::size_t tiers) {
  const std::size_t limit = tiers <= roomy ? 12 : 3;
  return count <= limit ? count : canvas.shown(count, limit - 1);
}

void title(Canvas& canvas, std::string text) {
  canvas.blank();
  canvas.line(2, {{std::move(text), Style::title}});
}

// --- Tiers and pods

// The same for all tiers of a Namespace, so that their parts are aligned.
struct TierColumns {
  std::size_t tier = 0, count = 0, pod = 0, address = 0;
};

std::string addresses_of(const Json& pod) {
  std::string out;
  for (const auto& address : pod.at("addresses"))
    out += (out.empty() ? "" : " ") + printable(address.get_ref<const std::string&>());
  return out;
}

std::size_t pods_shown(const Canvas& canvas, const Json& tier, std::size_t tiers) {
  return std::min(names_shown(canvas, count_of(tier, "pod_count"), tiers), tier.at("pods").size());
}

TierColumns tier_columns(const Canvas& canvas, const Json& tiers) {
  constexpr std::size_t widest_pod = 40;
  TierColumns out;
  for (const auto& tier : tiers) {
    out.tier = std::max(out.tier, std::min(columns(text_of(tier, "tier")), widest_name));
    out.count = std::max(out.count, counted(count_of(tier, "pod_count"), "pod").size());
    for (std::size_t i = 0; i < pods_shown(canvas, tier, tiers.size()); ++i) {
      const auto& pod = tier.at("pods")[i];
      out.pod = std::max(out.pod, std::min(columns(text_of(pod, "name")), widest_pod));
      out.address = std::max(out.address, columns(addresses_of(pod)));
    }
  }
  return out;
}

void write_pod_tier(Canvas& canvas, const Json& tier, const TierColumns& width, std::size_t shown) {
  const auto& glyphs = canvas.glyphs();
  const auto total = count_of(tier, "pod_count");
  const Spans lead{{fit(text_of(tier, "tier"), width.tier, glyphs), Style::title},
                   {"   " + fit(counted(total, "pod"), width.count, glyphs) + "   "}};
  std::vector<Spans> items;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& pod = tier.at("pods")[i];
    const bool connected = pod.at("connected").get<bool>();
    items.push_back(
        {{fit(text_of(pod, "name"), width.pod, glyphs) + " "},
         {fit(connected ? addresses_of(pod) : "waits", width.address, glyphs), connected ? Style::dim : Style::warn}});
  }
  add_rest(items, shown, total, glyphs);
  canvas.grid(4, lead, items);
}

void write_tiers(Canvas& canvas, const Json& ns, const CallOrder& order) {
  const auto& tiers = ns.at("pod_tiers");
  if (tiers.empty()) return;
  title(canvas, "Tiers and their pods");
  const auto width = tier_columns(canvas, tiers);
  for (const auto* tier : order.sorted(tiers))
    write_pod_tier(canvas, *tier, width, pods_shown(canvas, *tier, tiers.size()));
  if (const auto total = count_of(ns, "pod_tier_count"); total > tiers.size())
    canvas.line(4, {{"and " + counted(total - tiers.size(), "more tier"), Style::dim}});
}

// --- Virtual addresses

// "80→8080/tcp"; "80/tcp" for a port with itself as target.
std::string ports_of(const Json& service, const Glyphs& glyphs) {
  std::string out;
  for (const auto& mapping : service.at("port_mappings")) {
    const auto port = mapping.at("port").get<int>(), target = mapping.at("target").get<int>();
    out += (out.empty() ? "" : ", ") + std::to_string(port);
    if (target != port) out += std::string(glyphs.arrow) + std::to_string(target);
    out += "/" + text_of(mapping, "protocol");
  }
  return out;
}

Spans address_text(const Json& address, std::size_t width) {
  const auto kind = text_of(address, "kind");
  const auto text = text_of(address, "address");
  Spans out{{text}};
  if (kind != "cluster") out.push_back({" " + kind, Style::good});
  if (const auto state = text_of(address, "state"); state != "in sync") out.push_back({" " + state, Style::warn});
  const auto used = columns(out);
  if (used < width) out.push_back({std::string(width - used, ' ')});
  return out;
}

// The text for a Service without an address.
Spans no_address(const Json& service, std::size_t width, const Glyphs& glyphs) {
  const bool headless = service.at("headless").get<bool>();
  return {{fit(headless ? "headless" : "none", width, glyphs), headless ? Style::dim : Style::warn}};
}

std::vector<Spans> backend_items(const Canvas& canvas, const Json& service, std::size_t services) {
  std::vector<Spans> out;
  const auto& backends = service.at("backends");
  const auto& glyphs = canvas.glyphs();
  const auto total = count_of(service, "backend_count");
  const auto limit = names_shown(canvas, total, services);
  for (const auto& backend : backends) {
    if (out.size() >= limit) break;
    out.push_back(
        {{fit(text_of(backend, "pod"), std::min<std::size_t>(columns(text_of(backend, "pod")), 40), glyphs)}});
  }
  add_rest(out, out.size(), total, glyphs);
  if (out.empty()) out.push_back({{"no ready backend", Style::dim}});
  return out;
}

struct ServiceColumns {
  std::size_t name = 0, address = 0, ports = 0;
};

ServiceColumns service_columns(const std::vector<const Json*>& services, const Glyphs& glyphs) {
  ServiceColumns out;
  for (const auto* service : services) {
    out.name = std::max(out.name, std::min(columns(text_of(*service, "name")), widest_name));
    out.ports = std::max(out.ports, std::min(columns(ports_of(*service, glyphs)), widest_name));
    out.address = std::max(out.address, columns(no_address(*service, 0, glyphs)));
    for (const auto& address : service->at("addresses"))
      out.address = std::max(out.address, columns(address_text(address, 0)));
  }
  return out;
}

void write_service(Canvas& canvas, const Json& service, const ServiceColumns& width, std::size_t services) {
  const auto& glyphs = canvas.glyphs();
  const auto& addresses = service.at("addresses");
  const auto rows = std::max<std::size_t>(1, addresses.size());
  for (std::size_t i = 0; i < rows; ++i) {
    Spans lead{{fit(i == 0 ? text_of(service, "name") : "", width.name, glyphs), Style::title}, {"   "}};
    const auto address =
        addresses.empty() ? no_address(service, width.address, glyphs) : address_text(addresses[i], width.address);
    lead.insert(lead.end(), address.begin(), address.end());
    lead.push_back({"   "});
    if (width.ports > 0) lead.push_back({fit(ports_of(service, glyphs), width.ports, glyphs)});
    if (width.ports > 0) lead.push_back({"   "});
    if (i == 0)
      canvas.flow(4, lead, backend_items(canvas, service, services), ", ");
    else
      canvas.flow(4, lead, {{{"the same", Style::dim}}}, ", ");
  }
  if (service.contains("load_balancer") && text_of(service, "load_balancer") != "served")
    canvas.line(4 + width.name + 3, {{"waits for its load-balancer address", Style::warn}});
}

void write_addresses(Canvas& canvas, const Json& ns, const CallOrder& order) {
  std::vector<const Json*> services;
  std::size_t total = 0;
  for (const auto* tier : order.sorted(ns.at("service_tiers"))) {
    total += count_of(*tier, "service_count");
    for (const auto& service : tier->at("services")) services.push_back(&service);
  }
  if (services.empty()) return;
  title(canvas, "Virtual addresses and their backends");
  const auto width = service_columns(services, canvas.glyphs());
  for (const auto* service : services) write_service(canvas, *service, width, services.size());
  if (std::any_of(services.begin(), services.end(),
                  [](const auto* service) { return service->at("headless").template get<bool>(); }))
    canvas.prose(
        4, {},
        {"headless: pods that use the tier reach all pods of the backend network directly, without a virtual address",
         Style::dim});
  if (total > services.size())
    canvas.line(4, {{"and " + counted(total - services.size(), "more Service"), Style::dim}});
}

}  // namespace

std::string text_of(const Json& object, const char* member) {
  return printable(object.at(member).get_ref<const std::string&>());
}

std::string last_part(const std::string& key) { return key.substr(key.find('/') + 1); }

std::size_t count_of(const Json& object, const char* member) { return object.at(member).get<std::size_t>(); }

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  auto out = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), ",");
  out += ' ';
  out += count == 1 ? one : many.empty() ? std::string(one) + "s" : many;
  return out;
}

void add_rest(std::vector<Spans>& items, std::size_t shown, std::size_t total, const Glyphs& glyphs) {
  if (total <= shown) return;
  auto rest = counted(total - shown, "more", "more");
  items.push_back({{std::string(glyphs.ellipsis) + " " + rest, Style::dim}});
}

namespace {

void write_namespace(Canvas& canvas, const Json& state, const Json& ns) {
  canvas.blank();
  canvas.section(text_of(ns, "name"), {{"project " + text_of(ns.at("project"), "name"), Style::dim}});
  const CallOrder order(ns);
  write_tiers(canvas, ns, order);
  write_access(canvas, state, ns, order);
  write_addresses(canvas, ns, order);
}

// Namespaces without details, one in a line.
void write_further(Canvas& canvas, const std::vector<const Json*>& namespaces, std::size_t unlisted) {
  if (namespaces.empty() && unlisted == 0) return;
  canvas.blank();
  canvas.section("Further namespaces", {{std::to_string(namespaces.size() + unlisted), Style::dim}});
  canvas.blank();
  std::vector<Spans> items;
  for (const auto* ns : namespaces) {
    std::size_t pods = 0, waiting = 0;
    for (const auto& tier : ns->at("pod_tiers")) {
      pods += count_of(tier, "pod_count");
      waiting += count_of(tier, "waiting_count");
    }
    items.push_back(
        {{text_of(*ns, "name")},
         {"  " + counted(count_of(*ns, "pod_tier_count"), "tier") + ", " + counted(pods, "pod"), Style::dim}});
    if (waiting > 0) items.back().push_back({", " + counted(waiting, "waits", "wait"), Style::warn});
  }
  add_rest(items, 0, unlisted, canvas.glyphs());
  canvas.grid(4, {}, items);
}

}  // namespace

void write_namespaces(Canvas& canvas, const Json& state) {
  // Limits of the detailed part; the first Namespace is always in it.
  constexpr std::size_t most_tiers = 120, most_namespaces = 20;
  const auto& all = state.at("namespaces");
  std::vector<const Json*> further;
  std::size_t tiers = 0, detailed = 0;
  // Applications first, then Namespaces that only have Services, such as a cluster's DNS.
  for (const bool with_pods : {true, false})
    for (const auto& ns : all) {
      if (ns.at("pod_tiers").empty() == with_pods) continue;
      const auto size = std::max<std::size_t>(1, ns.at("pod_tiers").size());
      if (detailed > 0 && (canvas.shown(tiers + size, most_tiers) < tiers + size ||
                           canvas.shown(detailed + 1, most_namespaces) < detailed + 1)) {
        further.push_back(&ns);
        continue;
      }
      tiers += size;
      ++detailed;
      write_namespace(canvas, state, ns);
    }
  const auto total = count_of(state.at("counts"), "occupied_namespaces");
  write_further(canvas, further, total - std::min(total, all.size()));
}

}  // namespace knm
