#include "controller/plan/field_digests.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "controller/base/keys.hpp"
#include "controller/model/identity.hpp"
#include "controller/model/policy_rules.hpp"
#include "k8sclient/api/digest.hpp"

namespace knm {
namespace {

using contrail::Field;
using contrail::Type;

constexpr std::uint64_t entry_mask = (std::uint64_t{1} << 56) - 1;

std::uint64_t hash(std::string_view text) { return k8s::digest(text); }

std::uint64_t mixed(std::uint64_t seed, std::uint64_t value) {
  seed ^= value + 0x9E3779B97F4A7C15ULL + (seed << 6) + (seed >> 2);
  return seed * 0xBF58476D1CE4E5B9ULL;
}

class Collector {
 public:
  void add(Field field, std::uint64_t entry, std::uint64_t digest) {
    items_.push_back({(static_cast<std::uint64_t>(field) << 56) | (entry & entry_mask), digest});
  }
  void add(const FieldDigest& item) { items_.push_back(item); }
  void text(Field field, std::string_view value) {
    if (!value.empty()) add(field, 0, hash(value));
  }
  void references(Field field, const std::vector<contrail::Reference>& list) {
    for (const auto& reference : list) items_.push_back(reference_digest(field, reference.to));
  }
  FieldDigests take() { return FieldDigests(std::move(items_)); }

 private:
  std::vector<FieldDigest> items_;
};

// The four owner annotations count as one item; each further owned key (the users of a shared object) as one.
void add_annotations(const contrail::Object& object, Collector& out) {
  std::uint64_t digest = 0;
  bool marked = false;
  for (const auto& [key, value] : object.annotations) {
    if (!key.starts_with(annotation_prefix)) continue;
    if (key == annotation_owner || key == annotation_kind || key == annotation_uid || key == annotation_object) {
      digest = mixed(mixed(digest, hash(key)), hash(value));
      marked = true;
    } else {
      out.add(Field::annotations, hash(key), hash(value));
    }
  }
  if (marked) out.add(Field::annotations, 0, digest);
}

std::uint64_t place_digest(const contrail::Sequence& sequence) {
  return mixed(static_cast<std::uint64_t>(sequence.major), static_cast<std::uint64_t>(sequence.minor));
}

void add_policies(const contrail::Object& object, Collector& out) {
  for (const auto& reference : object.policies) {
    const auto place = place_digest(reference.sequence.value_or(contrail::Sequence{-1, -1}));
    const auto name = contrail::last_of(reference.to);
    const bool ours = name.starts_with("__svc_") || name.starts_with("__net_");
    out.add(Field::policies, name_hash(Type::network_policy, reference.to),
            (place & ~owned_item) | (ours ? owned_item : 0));
  }
}

void add_subnets(const contrail::Object& object, Collector& out) {
  for (const auto& ipam : object.ipams)
    for (const auto& subnet : ipam.subnets) {
      const bool ours = subnet.subnet_uuid == subnet_uuid(object.uuid, subnet.cidr);
      out.add(Field::ipams, mixed(hash(ipam.to), hash(subnet.cidr.text())), ours ? owned_item : 0);
    }
}

// The key of a foreign rule with the sources and destination that `digest` stands for.
std::uint64_t same_rule_of_others(std::uint64_t digest) { return mixed(3, digest) & entry_mask; }

std::uint64_t rewritten_entry(const contrail::Uuid& rule) {
  return mixed(4, std::hash<contrail::Uuid>{}(rule)) & entry_mask;
}

FieldDigest rule_of(std::uint64_t entry, std::uint64_t digest) {
  return {(static_cast<std::uint64_t>(Field::rules) << 56) | (entry & entry_mask), digest};
}

FieldDigest rule_of(const contrail::Rule& rule, bool ours) {
  const auto& destination = rule.destinations.front();
  if (rule.sources.size() == 1) {
    auto out = rule_digest(rule.sources.front(), destination);
    if (!ours) out.digest = 0;
    return out;
  }
  std::uint64_t sources = 0;  // a sum, since the order of the sources does not matter
  for (const auto& source : rule.sources) sources += source_digest(source);
  const auto out = rule_digest(bucket_of(rule.sources.front()), sources, destination);
  return ours ? out : rule_of(same_rule_of_others(out.digest), many_sources);
}

void add_rules(const contrail::Object& object, bool all_ours, Collector& out) {
  for (const auto& rule : object.rules) {
    if (!rule.plain) {
      if (has_our_id(object.fq_name, rule)) out.add(Field::rules, rewritten_entry(rule.uuid), owned_item);
    } else if (!rule.sources.empty() && rule.destinations.size() == 1) {
      out.add(rule_of(rule, all_ours || is_our_rule(object.fq_name, rule)));
    }
  }
}

void add_mappings(const contrail::Object& object, Collector& out) {
  if (!object.port_mappings_enable && object.port_mappings.empty()) return;
  auto sorted = object.port_mappings;
  std::sort(sorted.begin(), sorted.end());
  std::uint64_t digest = object.port_mappings_enable;
  for (const auto& mapping : sorted)
    digest = mixed(mixed(mixed(digest, hash(mapping.protocol)), static_cast<std::uint64_t>(mapping.source)),
                   static_cast<std::uint64_t>(mapping.destination));
  out.add(Field::port_mappings, 0, digest);
}

FieldDigests collect(const contrail::Object& object, bool all_rules_ours) {
  Collector out;
  if (object.type == Type::virtual_machine) out.text(Field::display_name, object.display_name);
  add_annotations(object, out);
  out.references(Field::networks, object.networks);
  out.references(Field::machines, object.machines);
  out.references(Field::interfaces, object.interfaces);
  out.references(Field::projects, object.projects);
  add_policies(object, out);
  add_subnets(object, out);
  out.text(Field::mac, object.mac);
  if (object.address) out.text(Field::address, object.address->text());
  out.text(Field::instance_ip_mode, object.instance_ip_mode);
  out.text(Field::traffic_direction, object.traffic_direction);
  add_mappings(object, out);
  add_rules(object, all_rules_ours, out);
  return out.take();
}

}  // namespace

std::uint64_t name_hash(Type type, std::string_view name) {
  return mixed(static_cast<std::uint64_t>(type) + 1, hash(name)) & entry_mask;
}

bool is_there(const FieldDigests& items, const FieldDigest& rule) {
  if ((rule.digest & many_sources) == 0) return items.find(rule.key) != nullptr;
  const auto of_others = (static_cast<std::uint64_t>(Field::rules) << 56) | same_rule_of_others(rule.digest);
  return items.contains(rule) || items.find(of_others) != nullptr;
}

FieldDigest rewritten_rule(const contrail::Uuid& rule) {
  return {(static_cast<std::uint64_t>(Field::rules) << 56) | rewritten_entry(rule), owned_item};
}

std::uint64_t owned_place() { return place_digest(contrail::Sequence{}) | owned_item; }

bool has_rules_with_many_sources(const FieldDigests& items) {
  const auto rules = items.of(Field::rules);
  return std::any_of(rules.begin(), rules.end(), [](const FieldDigest& item) {
    return (item.digest & (many_sources | owned_item)) == (many_sources | owned_item);
  });
}

Type target_of(Field field) {
  switch (field) {
    case Field::machines:
      return Type::virtual_machine;
    case Field::interfaces:
      return Type::virtual_machine_interface;
    case Field::projects:
      return Type::project;
    case Field::policies:
      return Type::network_policy;
    default:
      return Type::virtual_network;
  }
}

bool is_reference(Field field) {
  return field == Field::networks || field == Field::machines || field == Field::interfaces ||
         field == Field::projects || field == Field::policies;
}

FieldDigests::Range references_of(const FieldDigests& items) {
  return items.of(Field::networks, Field::policies);  // and all fields between
}

FieldDigest reference_digest(Field field, std::string_view target_name) {
  return {(static_cast<std::uint64_t>(field) << 56) | name_hash(target_of(field), target_name), 0};
}

FieldDigests digests_of(const contrail::Object& object) { return collect(object, false); }
FieldDigests desired_digests(const contrail::Object& object) { return collect(object, true); }

std::uint64_t source_digest(std::string_view source) { return mixed(1, hash(source)); }

FieldDigest rule_digest(std::string_view source, std::string_view destination) {
  return rule_of(mixed(hash(source), hash(destination)), owned_item);
}

FieldDigest rule_digest(std::uint32_t bucket, std::uint64_t sources, std::string_view destination) {
  const auto to = hash(destination);
  return rule_of(mixed(mixed(2, bucket), to), mixed(sources, to) | owned_item | many_sources);
}

FieldDigests digests_of_text(std::string_view text) {
  return text.empty() ? FieldDigests() : digests_of_digest(text_digest(text));
}

FieldDigests digests_of_digest(std::uint64_t digest) {
  return {{static_cast<std::uint64_t>(Field::annotations) << 56, digest}};
}

}  // namespace knm
