#include "controller/intent/endpoint_ports.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "k8sclient/api/digest.hpp"

namespace knm {
namespace {

void write(std::string& out, std::string_view name, std::string_view protocol, std::int32_t port) {
  ((out += std::to_string(port)) += '/') += protocol;
  ((out += ' ') += name) += '\n';
}

// The text before `end`, or all of it; removes it from `text`, together with `end`.
std::string_view cut(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

}  // namespace

std::string kept_name(const std::string& name) {
  constexpr std::size_t digits = 11, bits = 6;  // 64 bits
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (name.size() <= digits + 1) return name;
  auto digest = k8s::digest(name);
  std::string out = "#";  // a character that no name contains
  for (std::size_t i = 0; i < digits; ++i, digest >>= bits) out += alphabet[digest % alphabet.size()];
  return out;
}

std::string ports_text(const std::vector<k8s::EndpointPort>& ports) {
  std::string out;
  for (const auto& port : ports) write(out, kept_name(port.name), port.protocol, port.port);
  return out;
}

std::vector<ResolvedPort> read_ports(std::string_view text) {
  std::vector<ResolvedPort> out;
  while (!text.empty()) {
    auto line = cut(text, '\n');
    const auto number = cut(line, '/');
    ResolvedPort port;
    std::from_chars(number.data(), number.data() + number.size(), port.port);
    port.protocol = cut(line, ' ');
    port.name = line;
    out.push_back(port);
  }
  std::sort(out.begin(), out.end());
  const auto same = [](const ResolvedPort& a, const ResolvedPort& b) {
    return a.name == b.name && a.protocol == b.protocol;
  };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

std::string together(const std::vector<std::string_view>& texts) {
  std::string all;
  for (const auto text : texts) all += text;
  std::string out;
  auto ports = read_ports(all);
  ports.resize(std::min(ports.size(), k8s::max_slice_ports));
  for (const auto& port : ports) write(out, port.name, port.protocol, port.port);
  return out;
}

}  // namespace knm
