#pragma once

#include <cstdint>
#include <string_view>

#include "contrail-client/types.hpp"
#include "controller/plan/digest_set.hpp"

// The state of an object as a sorted set of digests, so that desired and observed state compare field by field and item
// by item without a copy of either object.
namespace knm {

// A 56-bit hash of the name of an object of this type.
std::uint64_t name_hash(contrail::Type type, std::string_view name);

// The type that a reference field points to; virtual-networks for fields that are not references.
contrail::Type target_of(contrail::Field field);
bool is_reference(contrail::Field field);
// The references among the digests.
FieldDigests::Range references_of(const FieldDigests& items);

// A bit in the digest of an item of a shared collection (policy reference, subnet, rule): the item is owned, as its own
// identity shows, so it may be removed if it is not desired.
inline constexpr std::uint64_t owned_item = 1;
// A bit in the digest of a rule with many sources.
inline constexpr std::uint64_t many_sources = 2;

// Whether a rule is among the digests, owned or foreign; a rule with many sources only with the same sources.
bool is_there(const FieldDigests& items, const FieldDigest& rule);
// Whether any rule with many sources is among the digests.
bool has_rules_with_many_sources(const FieldDigests& items);

// The digest of an owned rule that another client changed: it is surplus, since no desired rule equals it.
FieldDigest rewritten_rule(const contrail::Uuid& rule);

// The digest of a reference without attributes, to an object of this name.
FieldDigest reference_digest(contrail::Field field, std::string_view target_name);

// The digest of a reference to an owned policy at the place where the controller attaches it.
std::uint64_t owned_place();

// The digests of the fields that the controller owns, of any object: a desired object and an observed one give equal
// digests where they are in sync.
FieldDigests digests_of(const contrail::Object& object);
// The same for a desired object: all its rules are owned, and need no ids to show it.
FieldDigests desired_digests(const contrail::Object& object);

// The digest of an owned rule with one source.
FieldDigest rule_digest(std::string_view source, std::string_view destination);
// The digest of an owned rule with many sources; `sources` is the sum of the source_digest() of each.
FieldDigest rule_digest(std::uint32_t bucket, std::uint64_t sources, std::string_view destination);
std::uint64_t source_digest(std::string_view source);

// The digest of a whole text: a Pod annotation or a status.
FieldDigests digests_of_text(std::string_view text);
// The same for a text of which only the digest is known (controller/base/keys.hpp).
FieldDigests digests_of_digest(std::uint64_t digest);

}  // namespace knm
