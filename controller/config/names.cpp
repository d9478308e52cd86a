#include "controller/config/names.hpp"

#include <algorithm>
#include <vector>

#include "contrail-client/ip.hpp"
#include "net/endpoint.hpp"

namespace knm {
namespace {

constexpr std::size_t label_limit = 63;
constexpr std::size_t subdomain_limit = 253;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }
bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

Fault too_long(std::string_view name, std::size_t limit) {
  if (name.size() <= limit) return std::nullopt;
  return in_backticks(name) + " has " + std::to_string(name.size()) + " characters; at most " + std::to_string(limit) +
         " are allowed";
}

bool spelled(std::string_view name, bool (*edge)(char), std::string_view inner) {
  if (name.empty() || !edge(name.front()) || !edge(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return edge(c) || inner.find(c) != std::string_view::npos; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_dns_name(std::string_view name) {
  const auto labels = split(name, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return label.size() <= label_limit && spelled(label, is_lower_alnum, "-");
  });
}

Fault fault_of_fq_name(std::string_view name, std::size_t count, std::string_view form) {
  const auto parts = split(name, ':');
  if (parts.size() != count) {
    return in_backticks(name) + " has " + std::to_string(parts.size()) + (parts.size() == 1 ? " part" : " parts") +
           "; write " + std::string(form) + ", joined by colons";
  }
  for (const auto part : parts) {
    if (auto fault = fault_of_element(part)) return in_backticks(name) + ": " + *fault;
  }
  return std::nullopt;
}

}  // namespace

std::string in_backticks(std::string_view text) { return "`" + std::string(text) + "`"; }

Fault fault_of_dns_label(std::string_view name) {
  if (name.empty()) return "is empty; write a name of lower-case letters, digits and '-'";
  if (auto fault = too_long(name, label_limit)) return fault;
  if (spelled(name, is_lower_alnum, "-")) return std::nullopt;
  auto fault = in_backticks(name) +
               " is not a DNS label; use lower-case letters, digits and '-', with a letter or digit at both ends";
  if (spelled(lower(name), is_lower_alnum, "-")) fault += ": " + lower(name);
  return fault;
}

Fault fault_of_label_value(std::string_view value) {
  if (value.empty()) return "is empty; write the value of a label";
  if (auto fault = too_long(value, label_limit)) return fault;
  if (spelled(value, is_alnum, "-_.")) return std::nullopt;
  return in_backticks(value) +
         " cannot be the value of a label; use letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

Fault fault_of_label_key(std::string_view key) {
  const auto slash = key.find('/');
  const auto name = slash == std::string_view::npos ? key : key.substr(slash + 1);
  if (slash != std::string_view::npos) {
    const auto prefix = key.substr(0, slash);
    if (auto fault = too_long(prefix, subdomain_limit)) return fault;
    if (!is_dns_name(prefix)) {
      return in_backticks(key) +
             " is not a label key; before the '/' write a DNS name in lower case, such as example.org/name";
    }
  }
  if (auto fault = too_long(name, label_limit)) return fault;
  if (spelled(name, is_alnum, "-_.")) return std::nullopt;
  return in_backticks(key) +
         " is not a label key; use letters, digits, '-', '_' and '.', with a letter or digit at both ends, "
         "such as name or example.org/name";
}

Fault fault_of_element(std::string_view name) {
  if (name.empty()) return "a part of the name is empty; write every part";
  if (name.front() == ' ' || name.back() == ' ')
    return in_backticks(name) + " begins or ends with a space; remove the space";
  if (name.find(':') != std::string_view::npos)
    return in_backticks(name) + " has a ':', which separates names; write one name";
  if (has_control_character(name)) {
    return "the name has a control character, which the config API refuses; remove the character";
  }
  return std::nullopt;
}

Fault fault_of_project_name(std::string_view name) { return fault_of_fq_name(name, 2, "domain:project"); }

Fault fault_of_network_name(std::string_view name) { return fault_of_fq_name(name, 3, "domain:project:network"); }

Fault fault_of_host(std::string_view host) {
  if (host.empty()) return "is empty; write a host name or an address";
  if (host.find("://") != std::string_view::npos || host.find('/') != std::string_view::npos) {
    return in_backticks(host) + " is a URL; write only the host, such as config.example.org, and the port as api-port";
  }
  if (host.front() == '[') return in_backticks(host) + " has brackets; write the IPv6 address without brackets";
  if (contrail::IpAddress::parse(host)) return std::nullopt;
  const auto colon = host.find(':');
  if (colon != std::string_view::npos && host.find(':', colon + 1) == std::string_view::npos) {
    return in_backticks(host) + " has a port; write " + in_backticks(host.substr(0, colon)) +
           " and the port as api-port";
  }
  if (auto fault = too_long(host, subdomain_limit)) return fault;
  const bool numeric = std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (numeric || !is_dns_name(lower(host))) {
    return in_backticks(host) +
           " is not a host name, IPv4 address or IPv6 address; write a host name such as config.example.org";
  }
  return std::nullopt;
}

Fault fault_of_file(std::string_view path) {
  if (path.empty()) return "is empty; write the path of a file";
  if (path.front() != '/' || has_control_character(path))
    return "is not an absolute path; write the path of a file, such as /etc/kube-network-manager/secret/password";
  return std::nullopt;
}

Fault fault_of_keystone_url(std::string_view url) {
  const auto endpoint = net::parse_endpoint(url);
  if (!endpoint) return endpoint.error().message;
  constexpr std::string_view example = "such as https://keystone.example.org:5000/v3";
  if (endpoint->base_path.find("/v2.0") != std::string::npos)
    return "is the URL of the Identity API v2.0, which Keystone has no longer; write the URL of v3, " +
           std::string(example);
  if (!endpoint->base_path.ends_with("/v3"))
    return in_backticks(url) + " has no /v3 at its end; write the URL of the Identity API v3, " + std::string(example);
  return std::nullopt;
}

Fault fault_of_keystone_name(std::string_view name) {
  if (name.empty()) return "is empty; write a name";
  if (has_control_character(name)) return "has a control character; remove it";
  return std::nullopt;
}

}  // namespace knm
