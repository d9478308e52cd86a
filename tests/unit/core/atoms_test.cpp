#include "controller/plan/atoms.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "controller/bind/identity.hpp"

namespace knm {
namespace {

using contrail::Field;
using contrail::Object;
using contrail::Type;

Object floating_ip() {
  Object out;
  out.type = Type::floating_ip;
  out.fq_name = "d:p:n:n:f";
  out.annotations = mark("o", "Service", "uid", "ns/s");
  out.address = contrail::IpAddress::parse("10.254.0.1");
  out.traffic_direction = "ingress";
  out.interfaces = {{"d:p:a", {}}, {"d:p:b", {}}};
  out.projects = {{"d:p", {}}};
  out.port_mappings = {{"tcp", 80, 8080}, {"udp", 53, 53}};
  out.port_mappings_enable = true;
  return out;
}

bool same(const Object& a, const Object& b) {
  const auto left = atoms_of(a), right = atoms_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

TEST(Atoms, AreTheSameHoweverTheServerOrdersThings) {
  auto other = floating_ip();
  std::swap(other.interfaces[0], other.interfaces[1]);
  std::swap(other.port_mappings[0], other.port_mappings[1]);
  other.interfaces.push_back(other.interfaces[0]);
  EXPECT_TRUE(same(floating_ip(), other));
}

TEST(Atoms, LeaveOutWhatIsNotOurs) {
  auto other = floating_ip();
  other.annotations["team"] = "blue";
  other.display_name = "something";
  other.uuid = uuid_of_uid("another");
  other.parent_uuid = uuid_of_uid("parent");
  other.interfaces[0].uuid = uuid_of_uid("interface");
  EXPECT_TRUE(same(floating_ip(), other));
}

TEST(Atoms, DifferWithEveryFieldThatIsOurs) {
  const std::vector<std::function<void(Object&)>> changes{
      [](Object& o) { o.address = contrail::IpAddress::parse("10.254.0.2"); },
      [](Object& o) { o.traffic_direction = "both"; },
      [](Object& o) { o.interfaces.pop_back(); },
      [](Object& o) { o.interfaces[0].to = "d:p:c"; },
      [](Object& o) { o.projects.clear(); },
      [](Object& o) { o.port_mappings[0].destination = 81; },
      [](Object& o) { o.port_mappings[0].protocol = "sctp"; },
      [](Object& o) { o.port_mappings_enable = false; },
      [](Object& o) { o.annotations["opencontrail.org/uid"] = "other"; },
      [](Object& o) { o.annotations["opencontrail.org/user.east"] = "1"; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto other = floating_ip();
    changes[i](other);
    EXPECT_FALSE(same(floating_ip(), other)) << "change " << i;
  }
}

TEST(Atoms, OfANetworkKnowWhichEntriesAreOurs) {
  Object network;
  network.type = Type::virtual_network;
  network.fq_name = "d:p:n";
  network.uuid = uuid_of_uid("n");
  const auto cidr = *contrail::Cidr::parse("10.0.0.0/16"), other = *contrail::Cidr::parse("172.16.0.0/16");
  network.ipams = {{"d:p:i", {}, {{cidr, subnet_uuid(network.uuid, cidr), {}, {}, {}}, {other, {}, {}, {}, {}}}}};
  network.policies = {{"d:p:__svc_web", {}, contrail::Sequence{}}, {"d:p:theirs", {}, {}}};
  std::size_t ours = 0, all = 0;
  for (const auto& atom : atoms_of(network)) ++all, ours += (atom.digest & our_entry) != 0;
  EXPECT_EQ(all, 4U);
  EXPECT_EQ(ours, 2U);
}

TEST(Atoms, OfAPolicyKnowWhichRulesAreOurs) {
  Object policy;
  policy.type = Type::network_policy;
  policy.fq_name = "d:p:__svc_web";
  contrail::Rule mine{rule_uuid(policy.fq_name, "d:p:a", "d:p:b"), {"d:p:a"}, {"d:p:b"}, true, {}};
  contrail::Rule copied{uuid_of_uid("theirs"), {"d:p:c"}, {"d:p:b"}, true, {}};
  contrail::Rule other{uuid_of_uid("x"), {}, {}, false, "{}"};
  policy.rules = {mine, copied, other};
  std::size_t ours = 0, all = 0;
  for (const auto& atom : atoms_of(policy)) ++all, ours += (atom.digest & our_entry) != 0;
  EXPECT_EQ(all, 2U) << "a rule of another form is no entry of ours to compare";
  EXPECT_EQ(ours, 1U);
}

TEST(Atoms, OfAReferenceFindTheirTarget) {
  const auto atoms = atoms_of(floating_ip());
  const auto atom = reference_atom(Field::interfaces, "d:p:a");
  EXPECT_TRUE(std::binary_search(atoms.begin(), atoms.end(), atom));
  EXPECT_EQ(atom.field(), Field::interfaces);
  EXPECT_EQ(atom.entry(), name_hash(Type::virtual_machine_interface, "d:p:a"));
}

// --- Several at once
// ---------------------------------------------------------------------------------------------------------------

Atom atom_in(contrail::Field field, std::uint64_t entry, std::uint64_t digest = 7) {
  return {(static_cast<std::uint64_t>(field) << 56) | entry, digest};
}
constexpr auto rules = contrail::Field::rules, references = contrail::Field::interfaces, mac = contrail::Field::mac;

TEST(AtomSet, SeveralComeAndGoInOnePass) {
  Atoms atoms{atom_in(rules, 1), atom_in(rules, 3), atom_in(rules, 5)};
  atoms.change({atom_in(rules, 0), atom_in(rules, 3, 8), atom_in(rules, 6)},
               {atom_in(rules, 5).key, atom_in(rules, 4).key});
  EXPECT_EQ(atoms, (Atoms{atom_in(rules, 0), atom_in(rules, 1), atom_in(rules, 3, 8), atom_in(rules, 6)}));
  atoms.change({atom_in(rules, 1, 9)}, {atom_in(rules, 1).key, atom_in(rules, 6).key});
  EXPECT_EQ(atoms, (Atoms{atom_in(rules, 0), atom_in(rules, 1, 9), atom_in(rules, 3, 8)})) << "what comes counts";
  atoms.change({}, {atom_in(rules, 0).key, atom_in(rules, 1).key, atom_in(rules, 3).key});
  EXPECT_TRUE(atoms.empty());
}

TEST(AtomSet, FieldsAreReplacedAsAWhole) {
  const Atoms before{atom_in(references, 1), atom_in(references, 2), atom_in(mac, 1), atom_in(rules, 1)};
  const Atoms others{atom_in(references, 3), atom_in(mac, 2), atom_in(rules, 4), atom_in(rules, 5)};
  auto atoms = before;
  atoms.replace({rules, references, rules}, others);
  EXPECT_EQ(atoms, (Atoms{atom_in(references, 3), atom_in(mac, 1), atom_in(rules, 4), atom_in(rules, 5)}));
  EXPECT_EQ(before.only({mac, rules}), (Atoms{atom_in(mac, 1), atom_in(rules, 1)}));
  EXPECT_TRUE(before.only({contrail::Field::policies}).empty());
}

TEST(AtomSet, WhatComesToAnotherUsesItsMemory) {
  const Atoms wanted{atom_in(references, 1), atom_in(references, 2), atom_in(rules, 1)};
  Atoms atoms{atom_in(references, 1), atom_in(rules, 1)};
  atoms.set(atom_in(references, 2), &wanted);
  EXPECT_TRUE(atoms.shares_with(wanted));
  atoms.erase(atom_in(references, 2).key, &wanted);
  EXPECT_EQ(atoms, (Atoms{atom_in(references, 1), atom_in(rules, 1)}));
  atoms.set(atom_in(references, 2, 8), &wanted);
  EXPECT_FALSE(atoms.shares_with(wanted)) << "of another digest";
  atoms.replace({references}, wanted, &wanted);
  EXPECT_TRUE(atoms.shares_with(wanted));
}

TEST(AtomSet, PrefixesOfAnyLengthAreFound) {
  std::vector<Atom> list;
  for (std::uint64_t i = 0; i < 1000; ++i) list.push_back(atom_in(rules, i));
  const Atoms all(list);
  for (const std::size_t different : {0, 1, 15, 16, 17, 255, 256, 300, 511, 600, 999}) {
    auto other = list;
    ++other[different].digest;
    const auto found = differing(all, Atoms(other));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.front().key, list[different].key);
  }
}

}  // namespace
}  // namespace knm
