#include "controller/bind/policy_users.hpp"

#include <algorithm>
#include <set>

#include "controller/plan/field_digests.hpp"

namespace knm {

namespace {

bool is_among(const PolicyUsers::Names& destinations, const contrail::FqName& source) {
  return std::find(destinations.begin(), destinations.end(), source) != destinations.end();
}

}  // namespace

PolicyUsers::PolicyUsers(const Names& sources, const Names& destinations, bool bundled, std::size_t limit)
    : limit_(limit), count_(sources.size()) {
  for (const auto& source : sources) {
    bytes_ += size_in_rules(source);
    overlap_ |= is_among(destinations, source);
  }
  bundled_ = are_bundled(size_one_by_one(count_, bytes_, destinations), bundled, limit);
  if (!bundled_) return;
  buckets_.resize(bucket_count);
  for (const auto& source : sources) {
    auto& bucket = buckets_[bucket_of(source)];
    ++bucket.sources;
    bucket.digest += source_digest(source);
  }
}

// Whether rules with many sources can name all of them.
bool PolicyUsers::fits(const Names& destinations) const {
  const auto used = static_cast<std::size_t>(
      std::count_if(buckets_.begin(), buckets_.end(), [](const Bucket& bucket) { return bucket.sources > 0; }));
  return size_bundled(bytes_, used, destinations) <= limit_;
}

std::optional<PolicyUsers::Change> PolicyUsers::move(const std::vector<Move>& moves, const Names& destinations) {
  Change out;
  std::vector<FieldDigest> in;
  std::set<std::uint32_t> touched;
  if (bundled_ && (overlap_ || !fits(destinations))) return std::nullopt;
  for (const auto& [source, comes] : moves) {
    comes ? ++count_ : --count_;
    bytes_ += comes ? size_in_rules(source) : std::size_t{0} - size_in_rules(source);
    if (bundled_) {
      // A single source has another kind of rule, and a destination is left out of the rule to itself.
      if (is_among(destinations, source)) return std::nullopt;
      const auto number = bucket_of(source);
      auto& bucket = buckets_[number];
      if (bucket.sources < 2 || (!comes && bucket.sources < 3)) return std::nullopt;
      comes ? ++bucket.sources : --bucket.sources;
      bucket.digest += comes ? source_digest(source) : std::uint64_t{0} - source_digest(source);
      touched.insert(number);
    }
    for (const auto& destination : destinations) {
      if (source == destination) continue;
      out.addresses += comes ? 1 : -1;
      if (bundled_) continue;
      const auto item = rule_digest(source, destination);
      comes ? in.push_back(item) : out.out.push_back(item.key);
    }
  }
  if (are_bundled(size_one_by_one(count_, bytes_, destinations), bundled_, limit_) != bundled_) return std::nullopt;
  if (bundled_ && !fits(destinations)) return std::nullopt;
  for (const auto number : touched)
    for (const auto& destination : destinations)
      in.push_back(rule_digest(number, buckets_[number].digest, destination));
  out.in = FieldDigests(std::move(in));
  return out;
}

}  // namespace knm
