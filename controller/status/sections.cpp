#include "controller/status/sections.hpp"

#include <algorithm>

#include "controller/status/printable.hpp"

namespace knm {
namespace {

// In a namespace with more tiers than this, each of them gets a line or two.
constexpr std::size_t roomy = 12;
constexpr std::size_t names_when_roomy = 12, names_when_crowded = 3;
constexpr std::size_t widest_name = 28;

std::size_t names_shown(std::size_t tiers) { return tiers <= roomy ? names_when_roomy : names_when_crowded; }

std::size_t widest(const Json& list, const char* member) {
  std::size_t out = 0;
  for (const auto& element : list) out = std::max(out, columns(text_of(element, member)));
  return std::min(out, widest_name);
}

std::string joined(const Json& list, std::string_view separator) {
  std::string out;
  for (const auto& element : list)
    out += (out.empty() ? "" : std::string(separator)) + printable(element.get<std::string>());
  return out;
}

void title(Canvas& canvas, std::string text) {
  canvas.blank();
  canvas.line(2, {{std::move(text), Style::title}});
}

// --- Tiers and pods
// -------------------------------------------------------------------------------------------------------

Spans pod_item(const Json& pod, std::size_t name_width, const Glyphs& glyphs) {
  Spans out{{fit(text_of(pod, "name"), name_width, glyphs)}, {" "}};
  const auto addresses = joined(pod.at("addresses"), " ");
  if (pod.at("connected").get<bool>())
    out.push_back({addresses, Style::dim});
  else
    out.push_back({"waits", Style::warn});
  return out;
}

void write_pod_tier(Canvas& canvas, const Json& tier, std::size_t tier_width, std::size_t count_width,
                    std::size_t limit) {
  const auto& glyphs = canvas.glyphs();
  const auto total = count_of(tier, "pod_count");
  const auto& pods = tier.at("pods");
  const Spans lead{{fit(text_of(tier, "tier"), tier_width, glyphs), Style::title},
                   {"   "},
                   {fit(counted(total, "pod"), count_width, glyphs)},
                   {"   "}};
  const auto shown = std::min(limit, pods.size());
  std::size_t name_width = 0;
  for (std::size_t i = 0; i < shown; ++i) name_width = std::max(name_width, columns(text_of(pods[i], "name")));
  std::vector<Spans> items;
  for (std::size_t i = 0; i < shown; ++i)
    items.push_back(pod_item(pods[i], std::min<std::size_t>(name_width, 40), glyphs));
  add_rest(items, shown, total, glyphs);
  canvas.grid(4, lead, items);
}

void write_tiers(Canvas& canvas, const Json& ns) {
  const auto& tiers = ns.at("pod_tiers");
  if (tiers.empty()) return;
  title(canvas, "Tiers and their pods");
  const auto total = count_of(ns, "pod_tier_count");
  std::size_t count_width = 0;
  for (const auto& tier : tiers)
    count_width = std::max(count_width, counted(count_of(tier, "pod_count"), "pod").size());
  for (const auto& tier : tiers)
    write_pod_tier(canvas, tier, widest(tiers, "tier"), count_width, names_shown(tiers.size()));
  if (total > tiers.size()) canvas.line(4, {{"and " + counted(total - tiers.size(), "more tier"), Style::dim}});
}

// --- Virtual addresses
// ----------------------------------------------------------------------------------------------------

std::string ports_of(const Json& service, const Glyphs& glyphs) {
  std::string out;
  for (const auto& mapping : service.at("port_mappings"))
    out += (out.empty() ? "" : ", ") + std::to_string(mapping.at("port").get<int>()) + std::string(glyphs.arrow) +
           std::to_string(mapping.at("target").get<int>()) + "/" + text_of(mapping, "protocol");
  return out;
}

Spans address_text(const Json& address, std::size_t width) {
  const auto kind = text_of(address, "kind");
  const auto text = text_of(address, "address");
  Spans out{{text}};
  if (kind != "cluster") out.push_back({" " + kind, Style::good});
  if (const auto state = text_of(address, "state"); state != "settled") out.push_back({" " + state, Style::warn});
  const auto used = columns(out);
  if (used < width) out.push_back({std::string(width - used, ' ')});
  return out;
}

// What stands where a Service has no address.
Spans no_address(const Json& service, std::size_t width, const Glyphs& glyphs) {
  const bool headless = service.at("headless").get<bool>();
  return {{fit(headless ? "headless" : "none", width, glyphs), headless ? Style::dim : Style::warn}};
}

std::vector<Spans> backend_items(const Json& service, std::size_t limit, const Glyphs& glyphs) {
  std::vector<Spans> out;
  const auto& backends = service.at("backends");
  const auto total = count_of(service, "backend_count");
  for (const auto& backend : backends) {
    if (out.size() >= limit) break;
    out.push_back(
        {{fit(text_of(backend, "pod"), std::min<std::size_t>(columns(text_of(backend, "pod")), 40), glyphs)}});
  }
  add_rest(out, out.size(), total, glyphs);
  if (out.empty()) out.push_back({{"no ready pod is behind it", Style::dim}});
  if (service.at("headless").get<bool>()) out.back().push_back({" (reached directly, tier and all)", Style::dim});
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

void write_service(Canvas& canvas, const Json& service, const ServiceColumns& width, std::size_t limit) {
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
      canvas.flow(4, lead, backend_items(service, limit, glyphs), ", ");
    else
      canvas.flow(4, lead, {{{"the same", Style::dim}}}, ", ");
  }
  if (service.contains("load_balancer") && text_of(service, "load_balancer") != "served")
    canvas.line(4 + width.name + 3, {{"its load-balancer address is still to come", Style::warn}});
}

void write_addresses(Canvas& canvas, const Json& ns) {
  std::vector<const Json*> services;
  std::size_t total = 0;
  for (const auto& tier : ns.at("service_tiers")) {
    total += count_of(tier, "service_count");
    for (const auto& service : tier.at("services")) services.push_back(&service);
  }
  if (services.empty()) return;
  title(canvas, "Virtual addresses and who is behind them");
  const auto width = service_columns(services, canvas.glyphs());
  for (const auto* service : services) write_service(canvas, *service, width, names_shown(services.size()));
  if (total > services.size())
    canvas.line(4, {{"and " + counted(total - services.size(), "more Service"), Style::dim}});
}

}  // namespace

std::string text_of(const Json& object, const char* member) {
  return printable(object.at(member).get_ref<const std::string&>());
}

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

void write_namespace(Canvas& canvas, const Json& state, const Json& ns) {
  canvas.blank();
  const auto& project = ns.at("project");
  Spans right{{"project " + text_of(project, "name"), Style::dim}};
  canvas.section(text_of(ns, "name"), right);
  write_tiers(canvas, ns);
  write_access(canvas, state, ns);
  write_addresses(canvas, ns);
}

void write_folded_namespaces(Canvas& canvas, const Json& state) {
  const auto total = count_of(state.at("counts"), "occupied_namespaces");
  const auto listed = state.at("namespaces").size();
  if (total <= listed) return;
  canvas.blank();
  canvas.line(0, {{"and " + counted(total - listed, "more namespace") + " with pods or Services", Style::dim}});
}

}  // namespace knm
