#include "controller/config/access_readers.hpp"

#include <string>

#include "controller/config/readers.hpp"

namespace knm {
namespace {

void read_min_version(const Value& value, bool& require_tls_1_3) {
  const auto text = value.scalar();
  if (!text) return;
  if (*text != "1.2" && *text != "1.3")
    return value.refuse("`" + *text + "` is not a version of TLS; write 1.2 or 1.3");
  require_tls_1_3 = *text == "1.3";
}

// Reads one member of the mapping; false: there is no such member.
bool read_member(const std::string& name, const Value& value, TlsKeys& keys) {
  if (name == "ca-file")
    read_text(value, keys.ca_file, fault_of_file);
  else if (name == "cert-file")
    read_text(value, keys.cert_file, fault_of_file);
  else if (name == "key-file")
    read_text(value, keys.key_file, fault_of_file);
  else if (name == "server-name")
    read_text(value, keys.server_name, fault_of_host);
  else if (name == "min-version")
    read_min_version(value, keys.require_tls_1_3);
  else if (name == "insecure")
    read_bool(value, keys.insecure);
  else
    return false;
  return true;
}

}  // namespace

void read_tls(const Value& value, TlsKeys& field) {
  TlsKeys keys;
  if (!value.is_mapping()) {
    if (value.is_list())
      return value.refuse("is a list; write true, false, or lines such as `ca-file: /path` below it");
    read_bool(value, keys.enabled);
    field = keys;
    return;
  }
  keys.enabled = true;
  for (const auto& [name, member] : value.members()) {
    if (!read_member(name, member, keys))
      member.refuse(
          "is not a known key; the keys are ca-file, cert-file, key-file, server-name, min-version and insecure");
  }
  if (keys.cert_file.empty() != keys.key_file.empty())
    value.refuse("has only one of cert-file and key-file; write both, or none");
  if (keys.insecure && !keys.ca_file.empty())
    value.refuse("has ca-file, which has no effect with insecure; remove one of the two");
  field = keys;
}

void read_auth_type(const Value& value, AuthType& field) {
  const auto text = value.scalar();
  if (!text) return;
  if (*text == "none")
    field = AuthType::none;
  else if (*text == "basic")
    field = AuthType::basic;
  else if (*text == "keystone")
    field = AuthType::keystone;
  else
    value.refuse("`" + *text + "` is not a type of login; write none, basic or keystone");
}

}  // namespace knm
