#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"

// The rules of owned policies: how many users fit into one body, and which rule is owned.
namespace knm {

// The sources in one bucket share a rule if a policy has too many for a rule each: one more or one fewer user changes
// one rule. 0 to bucket_count - 1, from the name alone; a format (docs/formats.md).
inline constexpr std::uint32_t bucket_count = 32;
std::uint32_t bucket_of(std::string_view source);

// A policy whose rules, one for each pair, take at least the first of `limit` gets rules with many sources, until they
// would take less than the second: for 900 kB, 850 and 650.
constexpr std::size_t bundle_from(std::size_t limit) { return limit * 17 / 18; }
constexpr std::size_t unbundle_below(std::size_t limit) { return limit * 13 / 18; }

// The size of the rules of sources whose names take `bytes` (size_in_rules) in a body: one for each pair, or with many
// sources in `buckets` of them for each destination.
std::size_t size_in_rules(const contrail::FqName& source);
std::size_t size_one_by_one(std::size_t sources, std::size_t bytes, const std::vector<contrail::FqName>& destinations);
std::size_t size_bundled(std::size_t bytes, std::size_t buckets, const std::vector<contrail::FqName>& destinations);
// Whether the rules get many sources each; `bundled`: the present state.
bool are_bundled(std::size_t size_one_by_one, bool bundled, std::size_t limit);

// A rule for each source and destination that are not the same network; with many sources each if there are too many
// (`bundled`: the present state). Sources that do not fit into `limit` bytes (Settings::policy_size_limit) are left
// out: the last ones in the given order. Without ids, which only a body needs: identify().
std::vector<contrail::Rule> rules_between(const std::vector<contrail::FqName>& sources,
                                          const std::vector<contrail::FqName>& destinations, bool bundled,
                                          std::size_t limit);

// Sets the ids of owned rules, derived from their sources and destination.
void identify(const contrail::FqName& policy, std::vector<contrail::Rule>& rules);

// Whether a rule has the uuid that is derived from its sources and destination, with any other content.
bool has_our_id(const contrail::FqName& policy, const contrail::Rule& rule);
// Whether an id was derived from a name, as owned ids are; ids of the config API or of a person are not.
constexpr bool is_derived(const contrail::Uuid& id) { return id.bytes[6] >> 4 == 5; }
// Whether a rule has an owned uuid although another client changed its sources or its destination. The former name must
// be among `networks`, which are all candidates. A change of both sides is not found.
bool has_id_of_ours(const contrail::FqName& policy, const contrail::Rule& rule,
                    const std::vector<contrail::FqName>& networks);
// Whether it is an owned rule with unchanged content.
bool is_our_rule(const contrail::FqName& policy, const contrail::Rule& rule);

}  // namespace knm
