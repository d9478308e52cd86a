#include "controller/model/policy_rules.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "controller/model/identity.hpp"

namespace knm {
namespace {

using contrail::FqName;

// The size of a rule in a body without its names, and the overhead of each name.
constexpr std::size_t rule_bytes = 260, name_bytes = 23;

contrail::Rule single(const FqName& source, const FqName& destination) {
  contrail::Rule rule;
  rule.sources = {source};
  rule.destinations = {destination};
  return rule;
}

contrail::Uuid bundle_uuid(const FqName& policy, std::uint32_t bucket, const FqName& destination) {
  return rule_uuid(policy, "bucket " + std::to_string(bucket), destination);
}

// One rule for each source and destination.
std::vector<contrail::Rule> one_by_one(const std::vector<FqName>& sources, const std::vector<FqName>& destinations) {
  std::vector<contrail::Rule> out;
  out.reserve(sources.size() * destinations.size());
  for (const auto& source : sources)
    for (const auto& destination : destinations)
      if (source != destination) out.push_back(single(source, destination));
  return out;
}

using Buckets = std::array<std::vector<FqName>, bucket_count>;

// Fills the buckets with as many sources as fit.
Buckets fill(const std::vector<FqName>& sources, const std::vector<FqName>& destinations, std::size_t limit) {
  Buckets out;
  std::size_t rules = 0, taken = 0;
  for (const auto& destination : destinations) rules += rule_bytes + size_in_rules(destination);
  for (const auto& source : sources) {
    auto& bucket = out[bucket_of(source)];
    const auto needed = destinations.size() * size_in_rules(source) + (bucket.empty() ? rules : 0);
    if (taken + needed > limit) break;
    taken += needed;
    bucket.push_back(source);
  }
  return out;
}

contrail::Rule bundle(const std::vector<FqName>& sources, const FqName& destination) {
  contrail::Rule rule;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(rule.sources),
               [&](const FqName& source) { return source != destination; });
  rule.destinations = {destination};
  return rule;
}

}  // namespace

// FNV-1a, which depends only on the name, on any machine.
std::uint32_t bucket_of(std::string_view source) {
  std::uint32_t hash = 2166136261U;
  for (const char c : source) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash % bucket_count;
}

std::size_t size_in_rules(const FqName& source) { return source.size() + name_bytes; }

std::size_t size_one_by_one(std::size_t sources, std::size_t bytes, const std::vector<FqName>& destinations) {
  return size_bundled(bytes, sources, destinations);
}

std::size_t size_bundled(std::size_t bytes, std::size_t buckets, const std::vector<FqName>& destinations) {
  std::size_t out = 0;
  for (const auto& destination : destinations) out += bytes + buckets * (rule_bytes + size_in_rules(destination));
  return out;
}

bool are_bundled(std::size_t size_one_by_one, bool bundled, std::size_t limit) {
  return size_one_by_one >= (bundled ? unbundle_below(limit) : bundle_from(limit));
}

std::vector<contrail::Rule> rules_between(const std::vector<FqName>& sources, const std::vector<FqName>& destinations,
                                          bool bundled, std::size_t limit) {
  std::size_t bytes = 0;
  for (const auto& source : sources) bytes += size_in_rules(source);
  if (!are_bundled(size_one_by_one(sources.size(), bytes, destinations), bundled, limit))
    return one_by_one(sources, destinations);
  const auto buckets = fill(sources, destinations, limit);
  std::vector<contrail::Rule> out;
  for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket)
    for (const auto& destination : destinations) {
      auto rule = bundle(buckets[bucket], destination);
      if (!rule.sources.empty()) out.push_back(std::move(rule));
    }
  return out;
}

void identify(const FqName& policy, std::vector<contrail::Rule>& rules) {
  for (auto& rule : rules) {
    const auto& source = rule.sources.front();
    const auto& destination = rule.destinations.front();
    rule.uuid = rule.sources.size() == 1 ? rule_uuid(policy, source, destination)
                                         : bundle_uuid(policy, bucket_of(source), destination);
  }
}

bool has_our_id(const FqName& policy, const contrail::Rule& rule) {
  if (rule.sources.empty() || rule.destinations.size() != 1) return false;
  const auto& first = rule.sources.front();
  const auto& destination = rule.destinations.front();
  if (rule.sources.size() == 1) return rule.uuid == rule_uuid(policy, first, destination);
  const auto bucket = bucket_of(first);
  return std::all_of(rule.sources.begin(), rule.sources.end(),
                     [&](const FqName& source) { return bucket_of(source) == bucket; }) &&
         rule.uuid == bundle_uuid(policy, bucket, destination);
}

bool has_id_of_ours(const FqName& policy, const contrail::Rule& rule, const std::vector<FqName>& networks) {
  if (!is_derived(rule.uuid)) return false;
  const auto is_any = [&](const auto& id_with) {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const FqName& network) { return rule.uuid == id_with(network); });
  };
  for (const auto& destination : rule.destinations) {
    for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket)
      if (rule.uuid == bundle_uuid(policy, bucket, destination)) return true;
    if (is_any([&](const FqName& network) { return rule_uuid(policy, network, destination); })) return true;
  }
  std::set<std::uint32_t> buckets;
  for (const auto& source : rule.sources) {
    if (is_any([&](const FqName& network) { return rule_uuid(policy, source, network); })) return true;
    buckets.insert(bucket_of(source));
  }
  return std::any_of(buckets.begin(), buckets.end(), [&](std::uint32_t bucket) {
    return is_any([&](const FqName& network) { return bundle_uuid(policy, bucket, network); });
  });
}

bool is_our_rule(const FqName& policy, const contrail::Rule& rule) { return rule.plain && has_our_id(policy, rule); }

}  // namespace knm
