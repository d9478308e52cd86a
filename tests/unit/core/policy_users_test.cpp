#include "controller/bind/policy_users.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "controller/plan/field_digests.hpp"
#include "tests/property/guestbook_setup.hpp"

// Users that are added to a policy and removed one by one: the result equals newly built rules.
namespace knm::test {
namespace {

using contrail::FqName;

const FqName service = "default-domain:a:service-db", direct = "default-domain:a:backend";
using Destinations = std::vector<FqName>;

FqName user(std::size_t i) { return "default-domain:a:" + std::string(i % 40, 't') + std::to_string(i); }

class Walk {
 public:
  Walk(Destinations destinations, std::size_t limit) : destinations_(std::move(destinations)), limit_(limit) {
    rebuild();
  }

  // Returns whether the rules were changed and not rebuilt.
  bool step(const std::vector<PolicyUsers::Move>& moves) {
    for (const auto& [source, added] : moves) added ? void(users_.insert(source)) : void(users_.erase(source));
    auto change = known_->move(moves, destinations_);
    if (!change) return rebuild(), false;
    const auto expected = full();
    digests_.change(std::move(change->in), std::move(change->out));
    addresses_ += change->addresses;
    EXPECT_EQ(digests_, desired_digests(expected)) << users_.size() << " users";
    EXPECT_EQ(addresses_, addresses_in(expected));
    return true;
  }
  bool is_bundled() const { return has_rules_with_many_sources(digests_); }
  const std::set<FqName>& users() const { return users_; }

 private:
  contrail::Object full() const {
    contrail::Object out;
    out.type = contrail::Type::network_policy;
    out.rules = rules_between({users_.begin(), users_.end()}, destinations_, is_bundled(), limit_);
    return out;
  }
  static std::int64_t addresses_in(const contrail::Object& object) {
    std::int64_t out = 0;
    for (const auto& rule : object.rules) out += static_cast<std::int64_t>(rule.sources.size());
    return out;
  }
  void rebuild() {
    const auto object = full();
    digests_ = desired_digests(object);
    addresses_ = addresses_in(object);
    known_.emplace(PolicyUsers::Names(users_.begin(), users_.end()), destinations_, is_bundled(), limit_);
  }

  Destinations destinations_;
  std::size_t limit_;
  std::set<FqName> users_;
  FieldDigests digests_;
  std::int64_t addresses_ = 0;
  std::optional<PolicyUsers> known_;
};

struct Steps {
  std::size_t single = 0, bundled = 0, rebuilt = 0;
};

// Adds up to `most` users and removes them again, up to three at a time.
Steps walk(const Destinations& destinations, std::size_t limit, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  Walk walk(destinations, limit);
  Steps out;
  for (std::size_t i = 0; i < 4 * most; ++i) {
    std::vector<PolicyUsers::Move> moves;
    std::set<FqName> moved;
    for (auto count = random() % 3 + 1; count > 0; --count) {
      const auto source = random() % 50 == 0 ? direct : user(random() % most);
      const bool in = walk.users().contains(source);
      const bool added = i < 2 * most ? !in || random() % 4 == 0 : !in && random() % 4 == 0;
      if (in != added && moved.insert(source).second) moves.emplace_back(source, added);
    }
    const bool changed = walk.step(moves);
    ++(changed ? (walk.is_bundled() ? out.bundled : out.single) : out.rebuilt);
  }
  return out;
}

TEST(PolicyUsers, ChangesOfUsersEqualARebuild) {
  for (unsigned seed = 1; seed <= 2; ++seed) {
    const auto roomy = walk({service}, 900'000, 300, seed);
    EXPECT_GT(roomy.single, 100U);
    EXPECT_EQ(roomy.rebuilt, 0U) << "no rebuild is necessary";
    EXPECT_EQ(roomy.bundled, 0U);
    const auto tight = walk({service}, 60'000, 400, seed);
    EXPECT_GT(tight.single, 100U);
    EXPECT_GT(tight.bundled, 100U);
    const auto crowded = walk({service}, 16'000, 400, seed);  // not all pairs fit, even with many sources in a rule
    EXPECT_GT(crowded.rebuilt, 10U);
  }
}

TEST(PolicyUsers, UsersMayAlsoBeDestinations) {
  for (unsigned seed = 1; seed <= 2; ++seed) {
    EXPECT_GT(walk({service, direct}, 900'000, 300, seed).single, 100U);
    EXPECT_GT(walk({direct}, 60'000, 400, seed).bundled, 10U);
  }
}

// --- In the intent and the binder
// ---------------------------------------------------------------------------------------------------------------

class Users : public testing::Test {
 protected:
  Users() : intent_(setup_.settings), binder_(setup_.settings, intent_, table_) {
    binder_.loader().set_owner("kubernetes/x");
    intent_.put(make_namespace("a"));
    intent_.put(make_service("a", "db", "db", "10.254.1.1"));
    for (std::size_t i = 0; i < 20; ++i) put(i, true);
    intent_.settle();
    binder_.bind(unit_, Time{0});
  }
  void put(std::size_t i, bool uses) {
    const auto name = std::to_string(i);
    intent_.put(make_pod("a", "p" + name, "tier-" + name, uses ? PodOptions{.uses_label = "db"} : PodOptions{}));
  }
  const Entry& policy() const {
    return table_[table_.find(contrail::Type::network_policy, "default-domain:a:__svc_db")];
  }

  Configuration setup_ = demo_setup();
  Intent intent_;
  Table table_;
  Binder binder_;
  const Unit unit_{UnitKind::service_tier, "a/db"};
};

TEST_F(Users, OnlyTheChangedUsersAreProcessed) {
  put(20, true);
  put(3, false);
  intent_.settle();
  const auto* moved = intent_.moved_users(unit_);
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(*moved, (std::set<TierKey>{"a/tier-20", "a/tier-3"}));
  EXPECT_EQ(binder_.bind_users(unit_, *moved, Time{0}).size(), 1U);
  const auto changed = policy().desired();
  EXPECT_TRUE(binder_.bind_users(unit_, *moved, Time{0}).empty()) << "a change is applied once";
  EXPECT_TRUE(binder_.bind(unit_, Time{0}).empty()) << "the result equals a rebuild";
  EXPECT_EQ(policy().desired(), changed);
}

TEST_F(Users, AUserThatIsAddedAndRemovedHasNotMoved) {
  put(20, true);
  put(20, false);
  intent_.settle();
  EXPECT_EQ(intent_.moved_users(unit_), nullptr);
}

TEST_F(Users, ChangesThatLeaveFewUsersBindTheWholePolicy) {
  for (std::size_t i = 0; i < 18; ++i) put(i, false);
  intent_.settle();
  EXPECT_EQ(intent_.moved_users(unit_), nullptr);
  EXPECT_EQ(binder_.bind(unit_, Time{0}).size(), 1U);
}

}  // namespace
}  // namespace knm::test
