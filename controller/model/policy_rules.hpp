#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"

// The rules of our policies: how many users are written into one body, and which rule is ours.
namespace knm {

// Whoever is in the same bucket shares a rule where a policy has so many users that each cannot have one of its own: a
// user more or less changes one rule. 0 to bucket_count - 1, by the name alone; a format (docs/formats.md).
inline constexpr std::uint32_t bucket_count = 32;
std::uint32_t bucket_of(std::string_view source);

// A policy whose rules, one for each pair, take as much as the first of `limit` has rules with many sources, until they
// would take less than the second: of 900 kB, 850 and 650.
constexpr std::size_t bundle_from(std::size_t limit) { return limit * 17 / 18; }
constexpr std::size_t unbundle_below(std::size_t limit) { return limit * 13 / 18; }

// What the rules of so many sources, whose names take `bytes` (size_in_rules), take in a body: one for each pair, or
// with many sources in `buckets` of them for each destination.
std::size_t size_in_rules(const contrail::FqName& source);
std::size_t size_one_by_one(std::size_t sources, std::size_t bytes, const std::vector<contrail::FqName>& destinations);
std::size_t size_bundled(std::size_t bytes, std::size_t buckets, const std::vector<contrail::FqName>& destinations);
// Whether they have many sources each; `bundled`: as it is now.
bool are_bundled(std::size_t size_one_by_one, bool bundled, std::size_t limit);

// A rule for each source and destination that are not the same network; with many sources each where there are too many
// (`bundled`: as it is now). What does not fit into `limit` bytes (Settings::policy_size_limit) is left out: the
// sources that come last in the order given. Without ids, which only a body needs: identify().
std::vector<contrail::Rule> rules_between(const std::vector<contrail::FqName>& sources,
                                          const std::vector<contrail::FqName>& destinations, bool bundled,
                                          std::size_t limit);

// Gives rules of ours the ids that their sources and destination ask for.
void identify(const contrail::FqName& policy, std::vector<contrail::Rule>& rules);

// Whether a rule has the uuid that we derive for its sources and destination, whatever else somebody wrote into it.
bool has_our_id(const contrail::FqName& policy, const contrail::Rule& rule);
// Whether an id says that it was derived from a name, as ours are; what the config API or a person makes up does not.
constexpr bool is_derived(const contrail::Uuid& id) { return id.bytes[6] >> 4 == 5; }
// Whether a rule has the uuid of one of ours all the same: somebody wrote other sources into it, or another
// destination. What it was, only a name can tell: one of `networks`, which are all that it may have been. Whoever
// changed both sides is not found out.
bool has_id_of_ours(const contrail::FqName& policy, const contrail::Rule& rule,
                    const std::vector<contrail::FqName>& networks);
// Whether it is one of ours as we write them.
bool is_our_rule(const contrail::FqName& policy, const contrail::Rule& rule);

}  // namespace knm
