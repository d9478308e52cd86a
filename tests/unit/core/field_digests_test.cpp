#include "controller/plan/field_digests.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <vector>

#include "controller/model/identity.hpp"

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
  const auto left = digests_of(a), right = digests_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

TEST(FieldDigests, AreIndependentOfTheOrder) {
  auto other = floating_ip();
  std::swap(other.interfaces[0], other.interfaces[1]);
  std::swap(other.port_mappings[0], other.port_mappings[1]);
  other.interfaces.push_back(other.interfaces[0]);
  EXPECT_TRUE(same(floating_ip(), other));
}

TEST(FieldDigests, IgnoreFieldsThatAreNotWritten) {
  auto other = floating_ip();
  other.annotations["team"] = "blue";
  other.display_name = "something";
  other.uuid = uuid_of_uid("another");
  other.parent_uuid = uuid_of_uid("parent");
  other.interfaces[0].uuid = uuid_of_uid("interface");
  EXPECT_TRUE(same(floating_ip(), other));
}

TEST(FieldDigests, DifferWithEveryFieldThatIsWritten) {
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

TEST(FieldDigests, OfANetworkShowWhichItemsAreOwned) {
  Object network;
  network.type = Type::virtual_network;
  network.fq_name = "d:p:n";
  network.uuid = uuid_of_uid("n");
  const auto cidr = *contrail::Cidr::parse("10.0.0.0/16"), other = *contrail::Cidr::parse("172.16.0.0/16");
  network.ipams = {{"d:p:i", {}, {{cidr, subnet_uuid(network.uuid, cidr), {}, {}, {}}, {other, {}, {}, {}, {}}}}};
  network.policies = {{"d:p:__svc_web", {}, contrail::Sequence{}}, {"d:p:theirs", {}, {}}};
  std::size_t owned = 0, all = 0;
  for (const auto& item : digests_of(network)) ++all, owned += (item.digest & owned_item) != 0;
  EXPECT_EQ(all, 4U);
  EXPECT_EQ(owned, 2U);
}

TEST(FieldDigests, OfAPolicyShowWhichRulesAreOwned) {
  Object policy;
  policy.type = Type::network_policy;
  policy.fq_name = "d:p:__svc_web";
  contrail::Rule own{rule_uuid(policy.fq_name, "d:p:a", "d:p:b"), {"d:p:a"}, {"d:p:b"}, true, {}};
  contrail::Rule copied{uuid_of_uid("theirs"), {"d:p:c"}, {"d:p:b"}, true, {}};
  contrail::Rule other{uuid_of_uid("x"), {}, {}, false, "{}"};
  policy.rules = {own, copied, other};
  std::size_t owned = 0, all = 0;
  for (const auto& item : digests_of(policy)) ++all, owned += (item.digest & owned_item) != 0;
  EXPECT_EQ(all, 2U) << "a rule of another form is not compared";
  EXPECT_EQ(owned, 1U);
}

TEST(FieldDigests, OfAReferenceShowTheirTarget) {
  const auto items = digests_of(floating_ip());
  const auto item = reference_digest(Field::interfaces, "d:p:a");
  EXPECT_TRUE(items.contains(item));
  EXPECT_EQ(item.field(), Field::interfaces);
  EXPECT_EQ(item.entry(), name_hash(Type::virtual_machine_interface, "d:p:a"));
}

// --- Several at once
// ---------------------------------------------------------------------------------------------------------------

FieldDigest digest_in(contrail::Field field, std::uint64_t entry, std::uint64_t digest = 7) {
  return {(static_cast<std::uint64_t>(field) << 56) | entry, digest};
}
constexpr auto rules = contrail::Field::rules, references = contrail::Field::interfaces, mac = contrail::Field::mac;

TEST(FieldDigestSet, SeveralItemsAreSetAndErasedInOnePass) {
  FieldDigests items{digest_in(rules, 1), digest_in(rules, 3), digest_in(rules, 5)};
  items.change({digest_in(rules, 0), digest_in(rules, 3, 8), digest_in(rules, 6)},
               {digest_in(rules, 5).key, digest_in(rules, 4).key});
  EXPECT_EQ(items,
            (FieldDigests{digest_in(rules, 0), digest_in(rules, 1), digest_in(rules, 3, 8), digest_in(rules, 6)}));
  items.change({digest_in(rules, 1, 9)}, {digest_in(rules, 1).key, digest_in(rules, 6).key});
  EXPECT_EQ(items, (FieldDigests{digest_in(rules, 0), digest_in(rules, 1, 9), digest_in(rules, 3, 8)}))
      << "an item that is both erased and set stays";
  items.change({}, {digest_in(rules, 0).key, digest_in(rules, 1).key, digest_in(rules, 3).key});
  EXPECT_TRUE(items.empty());
}

TEST(FieldDigestSet, ReplaceReplacesWholeFields) {
  const FieldDigests before{digest_in(references, 1), digest_in(references, 2), digest_in(mac, 1), digest_in(rules, 1)};
  const FieldDigests others{digest_in(references, 3), digest_in(mac, 2), digest_in(rules, 4), digest_in(rules, 5)};
  auto items = before;
  items.replace({rules, references, rules}, others);
  EXPECT_EQ(items,
            (FieldDigests{digest_in(references, 3), digest_in(mac, 1), digest_in(rules, 4), digest_in(rules, 5)}));
  EXPECT_EQ(before.only({mac, rules}), (FieldDigests{digest_in(mac, 1), digest_in(rules, 1)}));
  EXPECT_TRUE(before.only({contrail::Field::policies}).empty());
}

TEST(FieldDigestSet, AnItemThatIsEqualInAnotherSetSharesItsMemory) {
  const FieldDigests desired{digest_in(references, 1), digest_in(references, 2), digest_in(rules, 1)};
  FieldDigests items{digest_in(references, 1), digest_in(rules, 1)};
  items.set(digest_in(references, 2), &desired);
  EXPECT_TRUE(items.shares_with(desired));
  items.erase(digest_in(references, 2).key, &desired);
  EXPECT_EQ(items, (FieldDigests{digest_in(references, 1), digest_in(rules, 1)}));
  items.set(digest_in(references, 2, 8), &desired);
  EXPECT_FALSE(items.shares_with(desired)) << "another digest";
  items.replace({references}, desired, &desired);
  EXPECT_TRUE(items.shares_with(desired));
}

TEST(FieldDigestSet, ADifferenceAtAnyPositionIsFound) {
  std::vector<FieldDigest> list;
  for (std::uint64_t i = 0; i < 1000; ++i) list.push_back(digest_in(rules, i));
  const FieldDigests all(list);
  for (const std::size_t different : {0, 1, 15, 16, 17, 255, 256, 300, 511, 600, 999}) {
    auto other = list;
    ++other[different].digest;
    const auto found = differing(all, FieldDigests(other));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.front().key, list[different].key);
  }
}

// --- Very many
// ---------------------------------------------------------------------------------------------------------------

using Model = std::map<std::uint64_t, std::uint64_t>;  // digests, by key

FieldDigests made_anew(const Model& model) {
  std::vector<FieldDigest> list;
  for (const auto& [key, digest] : model) list.push_back({key, digest});
  return FieldDigests(std::move(list));
}

std::vector<FieldDigest> only_in_one(const Model& a, const Model& b) {
  std::vector<FieldDigest> out;
  for (const auto& [key, digest] : a)
    if (const auto other = b.find(key); other == b.end() || other->second != digest) out.push_back({key, digest});
  for (const auto& [key, digest] : b)
    if (const auto other = a.find(key); other == a.end() || other->second != digest) out.push_back({key, digest});
  std::sort(out.begin(), out.end());
  return out;
}

bool leaves_are_of_good_size(const FieldDigests& items) {
  if (items.size() <= FieldDigests::most) return items.all().run().size() == items.size();
  for (auto rest = items.all(); !rest.empty(); rest.skip(rest.run().size()))
    if (rest.run().size() < FieldDigests::least || rest.run().size() > FieldDigests::most) return false;
  return true;
}

void expect_same(const FieldDigests& items, const Model& model) {
  RC_ASSERT(leaves_are_of_good_size(items));
  RC_ASSERT(items.size() == model.size());
  RC_ASSERT(std::equal(items.begin(), items.end(), model.begin(), model.end(),
                       [](const FieldDigest& item, const auto& other) {
                         return item.key == other.first && item.digest == other.second;
                       }));
  RC_ASSERT(items == made_anew(model));
  for (const auto field : {references, mac, rules}) {
    const auto from = model.lower_bound(digest_in(field, 0).key);
    const auto range = items.of(field);
    RC_ASSERT(static_cast<std::ptrdiff_t>(range.size()) ==
              std::distance(from, model.upper_bound(digest_in(field, 1U << 20U).key)));
    if (!range.empty()) RC_ASSERT(range.front().key == from->first);
  }
}

constexpr std::array fields{references, mac, rules};
constexpr std::size_t entries = 400;  // of each field

FieldDigest some_digest() {
  const auto field = fields.at(*rc::gen::inRange<std::size_t>(0, fields.size()));
  return digest_in(field, *rc::gen::inRange<std::uint64_t>(0, entries), *rc::gen::inRange<std::uint64_t>(1, 3));
}

// About `count` items. A field gets all items or nearly none, so that leaves are split and merged.
Model some_model(std::size_t count) {
  Model out;
  const auto step = *rc::gen::inRange<std::size_t>(1, 4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto item = digest_in(fields.at(i * step / entries % fields.size()), i * step % entries);
    out[item.key] = item.digest;
  }
  return out;
}

std::size_t some_count() {
  constexpr std::array<std::size_t, 8> boundaries{0,
                                                  1,
                                                  FieldDigests::least,
                                                  FieldDigests::most - 1,
                                                  FieldDigests::most,
                                                  FieldDigests::most + 1,
                                                  2 * FieldDigests::most + 1,
                                                  900};
  return boundaries.at(*rc::gen::inRange<std::size_t>(0, boundaries.size()));
}

void change_both(FieldDigests& items, Model& model) {
  switch (*rc::gen::inRange(0, 6)) {
    case 0: {
      const auto item = some_digest();
      items.set(item);
      model[item.key] = item.digest;
      break;
    }
    case 1: {
      const auto key = some_digest().key;
      items.erase(key);
      model.erase(key);
      break;
    }
    case 2: {  // erase a range of keys
      const auto from = some_digest().key, to = from + *rc::gen::inRange<std::uint64_t>(0, entries);
      std::vector<std::uint64_t> out;
      for (auto key = to; key > from; --key) out.push_back(key);
      items.change({}, out);
      for (const auto key : out) model.erase(key);
      break;
    }
    case 3: {
      const auto in = some_model(some_count());
      const std::vector<std::uint64_t> out{some_digest().key, some_digest().key};
      items.change(made_anew(in), out);
      for (const auto key : out) model.erase(key);
      for (const auto& [key, digest] : in) model[key] = digest;
      break;
    }
    case 4: {
      const auto others = some_model(some_count());
      items.replace({rules, references}, made_anew(others));
      std::erase_if(model, [](const auto& known) { return FieldDigest{known.first}.field() != mac; });
      for (const auto& [key, digest] : others)
        if (FieldDigest{key}.field() != mac) model[key] = digest;
      break;
    }
    default:
      items = items.only({references, rules});
      std::erase_if(model, [](const auto& known) { return FieldDigest{known.first}.field() == mac; });
  }
}

TEST(FieldDigestSet, BehavesLikeAMapAtAnySize) {
  const bool as_a_map = rc::check("changes in any order", [] {
    auto model = some_model(some_count());
    auto items = made_anew(model);
    expect_same(items, model);
    for (int i = 0; i < 12; ++i) {
      const auto before = items;
      const auto model_before = model;
      change_both(items, model);
      expect_same(items, model);
      RC_ASSERT(differing(before, items) == only_in_one(model_before, model));
      RC_ASSERT((before == items) == (model_before == model));
      const auto one = some_digest();
      RC_ASSERT((items.find(one.key) != nullptr) == model.contains(one.key));
      RC_ASSERT(items.contains(one) == (model.contains(one.key) && model[one.key] == one.digest));
      const auto bound = items.lower_bound(one.key);
      RC_ASSERT(std::distance(items.begin(), bound) == std::distance(model.begin(), model.lower_bound(one.key)));
      expect_same(before, model_before);
    }
  });
  EXPECT_TRUE(as_a_map);
}

TEST(FieldDigestSet, AChangeOfOneItemSharesTheOtherLeaves) {
  std::vector<FieldDigest> list;
  for (std::uint64_t i = 0; i < 10'000; ++i) list.push_back(digest_in(rules, 2 * i));
  const FieldDigests before(list);
  auto items = before;
  items.set(digest_in(rules, 5'001));
  std::size_t own = 0;
  for (auto rest = items.all(); !rest.empty(); rest.skip(rest.run().size())) {
    const auto* other = before.find(rest.front().key);
    if (other != rest.run().data()) own += rest.run().size();
  }
  EXPECT_LE(own, FieldDigests::most);
  EXPECT_EQ(differing(before, items), std::vector{digest_in(rules, 5'001)});
  items.erase(digest_in(rules, 5'001).key, &before);
  EXPECT_TRUE(items.shares_with(before));
}

}  // namespace
}  // namespace knm
