#pragma once

#include <cstdint>
#include <string_view>

#include "contrail-client/types.hpp"
#include "controller/plan/digest_set.hpp"

// The state of an object as a sorted set of small facts, so that "what is wanted" and "what is there" compare field by
// field and entry by entry without keeping either object.
namespace knm {

// 56 bits that stand for a name of a type.
std::uint64_t name_hash(contrail::Type type, std::string_view name);

// The type that a reference field points to; virtual-networks for fields that are no references.
contrail::Type target_of(contrail::Field field);
bool is_reference(contrail::Field field);
// The references among the atoms.
FieldDigests::Range references_of(const FieldDigests& atoms);

// Bit of the digest of an entry of a shared collection (policy reference, subnet, rule) that says: this one is ours by
// its own identity, so it may be removed where it is not wanted.
inline constexpr std::uint64_t our_entry = 1;
// Bit of the digest of a rule with many sources.
inline constexpr std::uint64_t many_sources = 2;

// Whether a rule is among the atoms, be it ours or somebody else's; one with many sources only with the same ones.
bool is_there(const FieldDigests& atoms, const FieldDigest& rule);
// Whether rules with many sources are among the atoms.
bool has_rules_with_many_sources(const FieldDigests& atoms);

// The atom of a rule of ours that somebody wrote into: it is one too many, for nobody wants it so.
FieldDigest rewritten_rule(const contrail::Uuid& rule);

// The atom of a reference without attributes, to an object of this name.
FieldDigest reference_digest(contrail::Field field, std::string_view target_name);

// The digest of a reference to a policy of ours where we attached it.
std::uint64_t our_place();

// The fields that we own, of any object: one that is wanted and one that was read give equal atoms where nothing is to
// be done.
FieldDigests digests_of(const contrail::Object& object);
// The same of an object that we made: all its rules are ours, and need no ids to show it.
FieldDigests desired_digests(const contrail::Object& object);

// The atom of a rule of ours with one source.
FieldDigest rule_atom(std::string_view source, std::string_view destination);
// One with many: of the source_digest() of each the sum.
FieldDigest bucket_atom(std::uint32_t bucket, std::uint64_t sources, std::string_view destination);
std::uint64_t source_digest(std::string_view source);

// An annotation of a Pod or a status that we write, as a whole.
FieldDigests digests_of_text(std::string_view text);
// The same of a text that only its digest is known of (controller/base/keys.hpp).
FieldDigests digests_of_digest(std::uint64_t digest);

}  // namespace knm
