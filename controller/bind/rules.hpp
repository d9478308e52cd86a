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

// What the rules of one body may take, in bytes: the config API refuses a body of more than 1,024,000.
inline constexpr std::size_t rules_limit = 900'000;
// A policy whose rules, one for each pair, take more than the first has rules with many sources, until they would take
// less than the second.
inline constexpr std::size_t bundle_above = 850'000, unbundle_below = 650'000;

// A rule for each source and destination that are not the same network; with many sources each where there are too many
// (`bundled`: as it is now). What does not fit into rules_limit is left out: the sources that come last in the order
// given.
std::vector<contrail::Rule> rules_between(const contrail::FqName& policy, const std::vector<contrail::FqName>& sources,
                                          const std::vector<contrail::FqName>& destinations, bool bundled);

// Whether a rule has the uuid that we derive for its sources and destination, whatever else somebody wrote into it.
bool has_our_id(const contrail::FqName& policy, const contrail::Rule& rule);
// Whether it is one of ours as we write them.
bool is_our_rule(const contrail::FqName& policy, const contrail::Rule& rule);

}  // namespace knm
