#include "controller/plan/next.hpp"

#include <gtest/gtest.h>

#include "controller/model/policy_rules.hpp"

// The next step of an entry for each of its states.
namespace knm {
namespace {

using contrail::Field;
using contrail::Object;
using contrail::Type;

constexpr std::uint64_t former = 1, present = 2;  // UID digests

class Next : public testing::Test {
 protected:
  SlotId slot(Type type, const char* name) { return table_.slot(type, name); }

  SlotId desire(const Object& object, std::vector<Dependency> dependencies = {}) {
    const auto id = table_.slot(object.type, object.fq_name);
    table_[id].want({}, {digests_of(object), {object.uuid, present}, std::move(dependencies)});
    return id;
  }
  SlotId have(const Object& object, Ownership ownership = Ownership::owned, std::uint64_t identity = present) {
    const auto id = table_.slot(object.type, object.fq_name);
    table_[id].identify({{object.uuid, identity}, ownership});
    table_.set_observed(id, true, digests_of(object));
    return id;
  }
  SlotId settled(const Object& object) { return desire(object), have(object); }

  Step step(SlotId id, Time now = Time{100}) const { return next(table_, id, now).step; }

  static Object object(Type type, const char* name) {
    Object out;
    out.type = type;
    out.fq_name = name;
    out.uuid = derived_uuid(type, "u", name);
    out.annotations = mark("o", "k", "u", name);
    return out;
  }
  static Object network(const char* name) { return object(Type::virtual_network, name); }
  static Object interface(const char* name, const char* in) {
    auto out = object(Type::virtual_machine_interface, name);
    out.networks = {{in, {}}};
    return out;
  }
  static Object address(const char* name, const char* in, const char* text) {
    auto out = object(Type::instance_ip, name);
    out.networks = {{in, {}}};
    out.address = contrail::IpAddress::parse(text);
    return out;
  }
  static Object floating_ip(std::vector<contrail::FqName> members) {
    auto out = object(Type::floating_ip, "d:p:s:s:f");
    out.address = contrail::IpAddress::parse("10.254.0.1");
    for (auto& member : members) out.interfaces.push_back({std::move(member), {}});
    return out;
  }

  Table table_;
};

TEST_F(Next, AnUndesiredEntryThatIsNotOwnedIsNotChanged) {
  EXPECT_EQ(step(slot(Type::virtual_network, "d:p:n")), Step::nothing);
  EXPECT_EQ(step(have(network("d:p:m"), Ownership::unowned)), Step::nothing);
  EXPECT_EQ(step(have(network("d:p:o"), Ownership::foreign)), Step::nothing);
  EXPECT_EQ(step(have(network("d:p:q"), Ownership::shared)), Step::nothing);
}

// /state shows these names to people.
TEST_F(Next, TheDecidingCheckHasANameAndARule) {
  const auto said = [&](SlotId id) {
    const auto decided = decision(table_, id, Time{100});
    return std::pair(decided.check, decided.rule);
  };
  using Said = std::pair<std::string_view, std::string_view>;
  const auto id = desire(network("d:p:n"));
  EXPECT_EQ(said(id), (Said{"absent", "2.16"}));
  table_[id].sent();
  EXPECT_EQ(said(id), (Said{"request in flight", ""}));
  table_[id].answered();
  table_[id].retry_at(Time{101});
  EXPECT_EQ(said(id), (Said{"back-off", ""}));
  have(network("d:p:n"), Ownership::foreign);
  table_[id].retry_at(Time{0});
  EXPECT_EQ(said(id), (Said{"foreign object", "6.4"}));
  have(network("d:p:n"), Ownership::owned, former);
  EXPECT_EQ(said(id), (Said{"to be replaced", "4.10"}));
  have(network("d:p:n"));
  EXPECT_EQ(said(id), (Said{"out of sync", "6.9b"})) << "the last check finds nothing to do";
  table_[id].release({});
  EXPECT_EQ(said(id), (Said{"network to be deleted", "4.9"}));
  table_[id].hold(DeletionHold::guard);
  EXPECT_EQ(said(id), (Said{"deletion held", "6.11"}));
}

TEST_F(Next, AnEntryInSyncIsNotChanged) { EXPECT_EQ(step(settled(network("d:p:n"))), Step::nothing); }

TEST_F(Next, AMissingObjectIsCreatedWhenItsDependenciesAreReady) {
  const auto project = desire(object(Type::project, "d:p"));
  const auto id = desire(network("d:p:n"), {{project, false}});
  EXPECT_EQ(step(project), Step::create);
  EXPECT_EQ(step(id), Step::wait_for);
  have(object(Type::project, "d:p"));
  EXPECT_EQ(step(id), Step::create);
}

TEST_F(Next, AnEntryWaitsForASoftDependencyWhileItMayBecomeReady) {
  const auto policy = desire(object(Type::network_policy, "d:p:__svc_x"));
  const auto id = desire(network("d:p:n"), {{policy, true}});
  EXPECT_EQ(step(id), Step::wait_for);
  table_[policy].failed("HTTP 500", Time{0});
  EXPECT_EQ(step(id), Step::create);
  table_[policy].succeeded();
  table_[policy].conflict_began();
  EXPECT_EQ(step(id), Step::create);
}

TEST_F(Next, AnEntryDoesNotWaitForASoftDependencyThatCannotBecomeReady) {
  const auto net = desire(network("d:p:n"));
  const auto member = desire(interface("d:p:a", "d:p:n"), {{net, false}});
  const auto id = desire(floating_ip({"d:p:a"}), {{member, true}});
  EXPECT_EQ(step(id), Step::wait_for);
  table_[net].conflict_began();
  EXPECT_EQ(step(id), Step::create);
}

TEST_F(Next, OneRequestAtATimeAndNoneDuringTheBackOff) {
  const auto id = desire(network("d:p:n"));
  table_[id].sent();
  EXPECT_EQ(step(id), Step::nothing);
  table_[id].answered();
  table_[id].retry_at(Time{101});
  EXPECT_EQ(next(table_, id, Time{100}).step, Step::later);
  EXPECT_EQ(next(table_, id, Time{100}).until, Time{101});
  EXPECT_EQ(step(id, Time{101}), Step::create);
}

TEST_F(Next, AnUnknownOutcomeIsVerifiedFirst) {
  const auto id = desire(network("d:p:n"));
  table_[id].verify(Verify::by_uuid);
  EXPECT_EQ(step(id), Step::verify);
}

TEST_F(Next, AnUndesiredObjectIsDeletedWhenNothingBlocksIt) {
  const auto net = have(network("d:p:n"));
  const auto id = have(interface("d:p:a", "d:p:n"));
  EXPECT_EQ(step(net), Step::wait_gone);
  EXPECT_EQ(step(id), Step::remove);
  table_.set_observed(id, false, {});
  EXPECT_EQ(step(net), Step::remove);
}

// What lies in the project of a former Namespace keeps that project from being deleted.
TEST_F(Next, WhatDependsOnAFormerObjectIsDeletedOnceThatIsKnown) {
  const auto project = desire(object(Type::project, "d:p"));
  const auto id = desire(interface("d:p:a", "d:p:n"), {{project, false}});
  have(interface("d:p:a", "d:p:n"));
  auto of_former = object(Type::project, "d:p");
  of_former.uuid = derived_uuid(Type::project, "former", "d:p");
  have(of_former, Ownership::owned, former);
  EXPECT_EQ(step(id), Step::remove);
  table_[project].verify(Verify::by_uuid);
  EXPECT_EQ(step(id), Step::nothing) << "a list may be older than the last write";
}

TEST_F(Next, WhatDependsOnAnObjectWithWrongOwnerAnnotationsStays) {
  const auto project = desire(object(Type::project, "d:p"));
  const auto id = desire(interface("d:p:a", "d:p:n"), {{project, false}});
  have(interface("d:p:a", "d:p:n"));
  have(object(Type::project, "d:p"), Ownership::owned, former);
  EXPECT_EQ(step(id), Step::nothing);
}

TEST_F(Next, APolicyWithForeignRulesLosesOnlyTheOwnedRules) {
  auto policy = object(Type::network_policy, "d:p:__svc_x");
  policy.rules = {{rule_uuid(policy.fq_name, "a", "b"), {"a"}, {"b"}, true, {}}};
  const auto id = have(policy);
  table_[id].set_foreign_rules({{uuid_of_uid("x"), {}, {}, false, "{}"}});
  EXPECT_EQ(step(id), Step::put);
  table_.set_observed(id, true, {});
  EXPECT_EQ(step(id), Step::hold);
}

TEST_F(Next, AFormerObjectIsDeletedBeforeItsSuccessorIsCreated) {
  const auto id = desire(network("d:p:n"));
  have(network("d:p:n"), Ownership::owned, former);
  EXPECT_EQ(step(id), Step::remove);
}

TEST_F(Next, AForeignObjectIsAConflict) {
  const auto id = desire(network("d:p:n"));
  have(network("d:p:n"), Ownership::foreign);
  EXPECT_EQ(step(id), Step::conflict);
  have(network("d:p:n"), Ownership::shared);
  EXPECT_EQ(step(id), Step::conflict);
  table_[id].set_sharing(true, true);
  EXPECT_EQ(step(id), Step::nothing);
}

TEST_F(Next, AnUnownedObjectIsAdoptedUnlessItIsAProjectWithAnotherUuid) {
  auto bare = network("d:p:n");
  bare.annotations.clear();
  const auto id = desire(network("d:p:n"));
  have(bare, Ownership::unowned);
  EXPECT_EQ(step(id), Step::annotate);
  table_[id].set_sharing(false, false);
  EXPECT_EQ(step(id), Step::nothing);

  auto project = object(Type::project, "d:q");
  const auto other = desire(project);
  project.annotations.clear();
  have(project, Ownership::unowned);
  EXPECT_EQ(step(other), Step::annotate);
  project.uuid = uuid_of_uid("another");
  have(project, Ownership::unowned);
  EXPECT_EQ(step(other), Step::conflict);
}

TEST_F(Next, InstanceIpsAreReplacedAndNotMoved) {
  const auto id = desire(address("ns_p", "d:p:n", "10.0.0.1"));
  have(address("ns_p", "d:p:n", "10.0.0.2"));
  EXPECT_EQ(step(id), Step::remove);
  have(address("ns_p", "d:p:m", "10.0.0.1"));
  EXPECT_EQ(step(id), Step::remove);
  have(address("ns_p", "d:p:n", "10.0.0.1"));
  EXPECT_EQ(step(id), Step::nothing);
}

TEST_F(Next, AnOverwrittenFloatingIpIsRestoredAndOneOfAnotherAddressReplaced) {
  auto there = floating_ip({});
  const auto id = desire(there);
  there.address = contrail::IpAddress::parse("10.254.0.9");
  have(there);
  const auto back = next(table_, id, Time{0});
  EXPECT_EQ(back.step, Step::put);
  EXPECT_EQ(back.fields, std::vector<Field>{Field::address});
  there.uuid = uuid_of_uid("made for the other address");
  have(there);
  EXPECT_EQ(step(id), Step::remove);
}

TEST_F(Next, AFloatingIpUnderItsFormerNameIsDeletedFirst) {
  auto renamed = floating_ip({});
  have(renamed);
  renamed.fq_name = "d:p:t:t:f";
  const auto id = desire(renamed);
  EXPECT_EQ(step(id), Step::wait_for);
  table_.set_observed(slot(Type::floating_ip, "d:p:s:s:f"), false, {});
  EXPECT_EQ(step(id), Step::create);
}

TEST_F(Next, AnInterfaceMovesAfterItsInstanceIpsAreDeleted) {
  settled(network("d:p:n")), settled(network("d:p:m"));
  const auto id = desire(interface("d:p:a", "d:p:m"));
  have(interface("d:p:a", "d:p:n"));
  auto use = address("ns_a", "d:p:m", "10.0.0.1");
  use.interfaces = {{"d:p:a", {}}};
  const auto desired_use = desire(use, {{id, false}});
  have(use);
  EXPECT_EQ(step(id), Step::wait_gone);
  EXPECT_EQ(step(desired_use), Step::remove) << "the instance-ip is in sync, but its interface must move";
  table_.set_observed(desired_use, false, {});
  EXPECT_EQ(step(desired_use), Step::wait_for);
  const auto move = next(table_, id, Time{0});
  EXPECT_EQ(move.step, Step::put);
  EXPECT_EQ(move.fields, std::vector<Field>{Field::networks});
}

TEST_F(Next, MembersAreBatchedThenOneIsAReferenceUpdateAndSeveralAreOnePut) {
  for (const auto* name : {"d:p:a", "d:p:b", "d:p:c"}) settled(interface(name, "d:p:n"));
  const auto id = desire(floating_ip({"d:p:a", "d:p:b"}));
  have(floating_ip({"d:p:a"}));
  EXPECT_EQ(step(id), Step::batch);
  table_[id].open_batch(Time{200});
  EXPECT_EQ(next(table_, id, Time{199}).until, Time{200});
  const auto add = next(table_, id, Time{200});
  EXPECT_EQ(add.step, Step::ref_add);
  EXPECT_EQ(add.slot, slot(Type::virtual_machine_interface, "d:p:b"));

  have(floating_ip({"d:p:a", "d:p:b", "d:p:c"}));
  EXPECT_EQ(step(id, Time{200}), Step::ref_remove);
  have(floating_ip({"d:p:a", "d:p:c"}));
  EXPECT_EQ(next(table_, id, Time{200}).fields, std::vector<Field>{Field::interfaces});
}

TEST_F(Next, AMemberThatIsNotReadyIsAddedLater) {
  settled(interface("d:p:a", "d:p:n"));
  const auto coming = desire(interface("d:p:b", "d:p:n"));
  const auto id = desire(floating_ip({"d:p:a", "d:p:b"}));
  have(floating_ip({"d:p:a"}));
  const auto action = next(table_, id, Time{100});
  EXPECT_EQ(action.step, Step::nothing);
  EXPECT_EQ(action.also_wait_for, std::vector<SlotId>{coming});
}

TEST_F(Next, TheInterfaceOfAFormerPodIsRemovedAlthoughItsSuccessorIsAMember) {
  const auto member = desire(interface("d:p:a", "d:p:n"));
  have(interface("d:p:a", "d:p:n"), Ownership::owned, former);
  const auto id = desire(floating_ip({"d:p:a"}));
  have(floating_ip({"d:p:a"}));
  table_[id].open_batch(Time{1});
  EXPECT_EQ(step(member), Step::wait_gone);
  EXPECT_EQ(step(id), Step::nothing) << "no entry waits for this floating IP";
  table_[id].give_way();
  EXPECT_EQ(step(id), Step::ref_remove);
}

TEST_F(Next, OnlyOwnedPoliciesAreDetachedFromANetwork) {
  settled(object(Type::network_policy, "d:p:__svc_x")), settled(object(Type::network_policy, "d:p:theirs"));
  const auto id = desire(network("d:p:n"));
  auto there = network("d:p:n");
  there.policies = {{"d:p:theirs", {}, contrail::Sequence{}}};
  have(there);
  EXPECT_EQ(step(id), Step::nothing);
  there.policies.push_back({"d:p:__svc_x", {}, contrail::Sequence{}});
  have(there);
  EXPECT_EQ(next(table_, id, Time{0}).slot, slot(Type::network_policy, "d:p:__svc_x"));
  EXPECT_EQ(step(id), Step::ref_remove);
}

TEST_F(Next, APodStateIsWrittenAfterTheObjectsThatItNames) {
  const auto member = desire(interface("d:p:a", "d:p:n"));
  const auto id = table_.slot(TargetApi::pod_state, Type::project, "ns/a");
  auto& entry = table_[id];
  entry.want_text({}, digests_of_text("{}"), {{member, false}});
  EXPECT_EQ(step(id), Step::wait_for);
  entry.observe_text(digests_of_text("forged"));
  EXPECT_EQ(step(id), Step::withdraw);
  entry.observe_text({});
  have(interface("d:p:a", "d:p:n"));
  EXPECT_EQ(step(id), Step::patch);
  entry.observe_text(digests_of_text("{}"));
  EXPECT_EQ(step(id), Step::nothing);
}

// A Pod whose network, d:p:n, has a policy with a rule to d:p:s, which is there already.
class FirstPodState : public Next {
 protected:
  FirstPodState() {
    settled(interface("d:p:a", "d:p:n"));
    settled(with_policy(network("d:p:n")));
    settled(with_policy(network("d:p:s")));
    desire(policy("d:p:n"));
    have(policy("d:p:n"));
    table_[policy_].lead_to({slot(Type::virtual_network, "d:p:s")});
    table_[id_].want_text({}, digests_of_text("{}"), {{slot(Type::virtual_machine_interface, "d:p:a"), false}});
  }
  static Object with_policy(Object network) {
    auto& reference = network.policies.emplace_back();
    reference.to = "d:p:__svc_s";
    reference.sequence = contrail::Sequence{};
    return network;
  }
  // With a rule for a network.
  static Object policy(const char* source) {
    auto out = object(Type::network_policy, "d:p:__svc_s");
    contrail::Rule rule;
    rule.sources = {source};
    rule.destinations = {"d:p:s"};
    out.rules = {rule};
    identify(out.fq_name, out.rules);
    return out;
  }
  // What the entry waits for.
  SlotId awaited() {
    const auto action = next(table_, id_, Time{100});
    EXPECT_EQ(action.step, Step::batch);
    return action.also_wait_for.empty() ? no_slot : action.also_wait_for.front();
  }

  const SlotId id_ = slot_of_pod(), policy_ = slot(Type::network_policy, "d:p:__svc_s");

 private:
  SlotId slot_of_pod() { return table_.slot(TargetApi::pod_state, Type::project, "ns/a"); }
};

TEST_F(FirstPodState, IsWrittenWhenItsConnectionsAreThere) { EXPECT_EQ(step(id_), Step::patch); }

TEST_F(FirstPodState, WaitsForThePolicyItsRuleAndBothNetworks) {
  table_.set_observed(policy_, false, {});
  EXPECT_EQ(awaited(), policy_);
  have(policy("d:p:another"));
  EXPECT_EQ(awaited(), policy_);
  have(policy("d:p:n"));
  have(network("d:p:s"));
  EXPECT_EQ(awaited(), slot(Type::virtual_network, "d:p:s"));
  have(network("d:p:n"));
  EXPECT_EQ(awaited(), slot(Type::virtual_network, "d:p:n"));
}

TEST_F(FirstPodState, DoesNotWaitForRulesOfOtherNetworks) {
  auto both = policy("d:p:n");
  both.rules.push_back(policy("d:p:another").rules.front());
  desire(both);
  EXPECT_EQ(step(id_), Step::patch);
}

TEST_F(FirstPodState, WaitsForNothingThatHasFailed) {
  table_.set_observed(policy_, false, {});
  table_[policy_].failed("refused", Time{0});
  EXPECT_EQ(step(id_), Step::patch);
  table_[policy_].forget_failures();
  have(policy("d:p:n"));
  have(network("d:p:s"));
  table_[slot(Type::virtual_network, "d:p:s")].failed("refused", Time{0});
  EXPECT_EQ(step(id_), Step::patch);
}

TEST_F(FirstPodState, WaitsUntilTheEndOfItsWindow) {
  have(policy("d:p:another"));
  table_[id_].open_batch(Time{200});
  EXPECT_EQ(step(id_, Time{199}), Step::later);
  EXPECT_EQ(step(id_, Time{200}), Step::patch);
}

TEST_F(FirstPodState, IsRepairedAtOnce) {
  have(policy("d:p:another"));
  table_[id_].observe_text(digests_of_text("forged"));
  EXPECT_EQ(step(id_), Step::patch);
}

}  // namespace
}  // namespace knm
