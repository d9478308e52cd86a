#include "k8sclient/config/impersonation.hpp"

#include <string_view>

namespace k8s {
namespace {

// The characters of a token (RFC 9110, section 5.6.2) stay, except for '%'.
std::string as_field_name(std::string_view key) {
  constexpr std::string_view allowed = "!#$&'*+-.^_`|~";
  std::string out;
  for (const char c : key) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain || allowed.find(c) != std::string_view::npos)
      out += c;
    else
      out += net::percent_encode(std::string_view(&c, 1));
  }
  return out;
}

}  // namespace

net::Headers impersonation_fields(const Impersonation& other) {
  net::Headers fields;
  if (other.user.empty()) return fields;
  fields.emplace_back("Impersonate-User", other.user);
  if (!other.uid.empty()) fields.emplace_back("Impersonate-Uid", other.uid);
  for (const auto& group : other.groups) fields.emplace_back("Impersonate-Group", group);
  for (const auto& [key, values] : other.extra)
    for (const auto& value : values) fields.emplace_back("Impersonate-Extra-" + as_field_name(key), value);
  return fields;
}

}  // namespace k8s
