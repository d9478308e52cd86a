#include "controller/model/identity.hpp"

#include "k8sclient/api/digest.hpp"

namespace knm {
namespace {

// Chosen once at random; with another value all existing objects would be foreign.
constexpr std::string_view name_space_text = "3c79d3da-54e8-4d7b-b7ef-8ac4450c1655";

const contrail::Uuid& name_space() {
  static const contrail::Uuid id = *contrail::Uuid::parse(name_space_text);
  return id;
}

contrail::Uuid derive(std::string_view a, std::string_view b, std::string_view c) {
  std::string text;
  text.reserve(a.size() + b.size() + c.size() + 2);
  text.append(a).append(" ").append(b).append(" ").append(c);
  return contrail::uuid_v5(name_space(), text);
}

}  // namespace

contrail::Uuid derived_uuid(contrail::Type type, std::string_view owner_uid, std::string_view what) {
  return derive(contrail::name(type), owner_uid, what);
}

contrail::Uuid subnet_uuid(const contrail::Uuid& network, const contrail::Cidr& cidr) {
  return derive("subnet", network.text(), cidr.text());
}

contrail::Uuid rule_uuid(const contrail::FqName& policy, const contrail::FqName& source,
                         const contrail::FqName& destination) {
  return derive("rule", policy, source + " " + destination);
}

contrail::Uuid uuid_of_uid(std::string_view uid) {
  const auto id = contrail::Uuid::parse(uid);
  return id ? *id : derive("uid", uid, "");
}

std::string mac_of(const contrail::Uuid& interface) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string mac = "02";
  for (int i = 0; i < 5; ++i) {
    mac += ':';
    mac += digits[interface.bytes[i] >> 4];
    mac += digits[interface.bytes[i] & 15];
  }
  return mac;
}

std::string owner_of(std::string_view cluster_name, std::string_view kube_system_uid) {
  return std::string(cluster_name.empty() ? "kubernetes" : cluster_name) + "/" + std::string(kube_system_uid);
}

std::map<std::string, std::string> mark(std::string_view owner, std::string_view kind, std::string_view uid,
                                        std::string_view object) {
  return {{std::string(annotation_owner), std::string(owner)},
          {std::string(annotation_kind), std::string(kind)},
          {std::string(annotation_uid), std::string(uid)},
          {std::string(annotation_object), std::string(object)}};
}

std::map<std::string, std::string> shared_annotation(std::string_view owner, std::string_view kind,
                                                     std::string_view object) {
  auto keys = mark(shared_owner, kind, "", object);
  keys.emplace(user_key(owner), owner.substr(owner.find('/') + 1));
  return keys;
}

std::string user_key(std::string_view owner) {
  return std::string(annotation_user_prefix) + std::string(owner.substr(0, owner.find('/')));
}

std::uint64_t identity_of(std::string_view uid) { return k8s::digest(uid); }

std::string text_of(const std::map<std::string, std::string>& annotations, std::string_view key) {
  const auto found = annotations.find(std::string(key));
  return found == annotations.end() ? std::string() : found->second;
}

Ownership ownership(const std::map<std::string, std::string>& annotations, std::string_view owner) {
  const auto found = annotations.find(std::string(annotation_owner));
  if (found == annotations.end()) return Ownership::unowned;
  if (found->second == shared_owner) return Ownership::shared;
  return found->second == owner ? Ownership::owned : Ownership::foreign;
}

}  // namespace knm
