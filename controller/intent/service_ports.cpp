#include "controller/intent/service_ports.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "k8sclient/api/digest.hpp"

namespace knm {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// The target port without a slice; 0: unknown.
std::int32_t own_number(const k8s::ServicePort& port) {
  if (!port.target_name.empty()) return 0;
  return port.target_port != 0 ? port.target_port : port.port;
}

}  // namespace

ServicePorts::ServicePorts(const k8s::Service& service)
    : service_(service), count_(std::min(service.ports.size(), max_service_ports)) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    by_name_.push_back({kept_name(service.ports[i].name), i});
    numbered_ += number_of(service.ports[i]) != 0;
  }
  const auto key = [&](const Name& name) {
    return std::tuple<std::string_view, std::string_view, std::uint32_t>(name.kept, service.ports[name.place].protocol,
                                                                         name.place);
  };
  std::sort(by_name_.begin(), by_name_.end(), [&](const Name& a, const Name& b) { return key(a) < key(b); });
}

std::optional<std::uint32_t> ServicePorts::place_of(const ResolvedPort& port) const {
  using Key = std::tuple<std::string_view, std::string_view>;
  const auto key = [&](const Name& name) { return Key(name.kept, service_.ports[name.place].protocol); };
  const Key wanted(port.name, port.protocol);
  const auto at = std::lower_bound(by_name_.begin(), by_name_.end(), wanted,
                                   [&](const Name& name, const Key& other) { return key(name) < other; });
  return at == by_name_.end() || key(*at) != wanted ? std::nullopt : std::optional(at->place);
}

// The target port that a slice does not list.
std::int32_t ServicePorts::number_of(const k8s::ServicePort& port) const {
  return service_.has_selector ? own_number(port) : 0;
}

ServicePorts::Meaning ServicePorts::meaning(std::string_view slice_ports) const {
  std::vector<std::pair<std::uint32_t, std::int32_t>> said;  // differences from the target ports without a slice
  auto known = numbered_;
  for (const auto& port : read_ports(slice_ports)) {
    const auto place = place_of(port);
    if (!place) continue;
    const auto number = number_of(service_.ports[*place]);
    if (number == port.port) continue;
    said.emplace_back(*place, port.port);
    known += static_cast<std::size_t>(port.port != 0) - static_cast<std::size_t>(number != 0);
  }
  std::sort(said.begin(), said.end());
  std::string text;
  for (const auto& [at, port] : said) ((text += std::to_string(at)) += ' ') += std::to_string(port) + "\n";
  return {k8s::digest(text), known == 0 && count_ > 0};
}

std::vector<std::int32_t> ServicePorts::targets(std::optional<std::string_view> slice_ports) const {
  std::vector<std::int32_t> out;
  out.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i)
    out.push_back(slice_ports ? number_of(service_.ports[i]) : own_number(service_.ports[i]));
  if (!slice_ports) return out;
  for (const auto& port : read_ports(*slice_ports))
    if (const auto place = place_of(port)) out[*place] = port.port;
  return out;
}

std::vector<contrail::PortMapping> ServicePorts::mappings(std::optional<std::string_view> slice_ports) const {
  std::vector<contrail::PortMapping> out;
  const auto targets = this->targets(slice_ports);
  // A port without a target is closed, and so is an ignored one: then a port is not its own target.
  bool differs = ignored() > 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& port = service_.ports[i];
    differs |= targets[i] != port.port;
    if (targets[i] != 0) out.push_back({lower(port.protocol), port.port, targets[i]});
  }
  if (!differs) out.clear();
  std::sort(out.begin(), out.end());
  return out;
}

std::string ServicePorts::unreached(std::optional<std::string_view> slice_ports) const {
  constexpr std::size_t most = 10;
  const auto targets = this->targets(slice_ports);
  std::string out;
  std::size_t found = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& port = service_.ports[i];
    if (targets[i] != 0 || found++ >= most) continue;
    const auto target = port.target_name.empty() ? std::to_string(own_number(port)) : port.target_name;
    out += (out.empty() ? "" : ", ") + std::to_string(port.port) + " (" + target + ")";
  }
  if (found > most) out += " and " + std::to_string(found - most) + " more";
  return out;
}

}  // namespace knm
