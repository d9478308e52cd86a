#include "controller/plan/connections.hpp"

#include "controller/model/policy_rules.hpp"
#include "controller/plan/entry_state.hpp"

namespace knm {
namespace {

using contrail::Field;
using contrail::Type;

// Whether a network has its reference to a policy, as far as it may get it without help.
bool is_attached(const Table& table, SlotId network, SlotId policy) {
  const auto& entry = table[network];
  const auto key = reference_digest(Field::policies, table[policy].name()).key;
  return !entry.desired().find(key) || entry.observed().find(key) || !is_coming(table, entry);
}

// Whether a policy has its rule for two networks. A rule with many sources may still be on its way, if the former rule
// of this source alone is there.
bool has_rule(const Entry& policy, const Entry& source, const Entry& destination) {
  const auto single = rule_digest(source.name(), destination.name()).key;
  const auto* wanted = policy.desired().find(single);
  if (!wanted) wanted = policy.desired().find(rule_digest(bucket_of(source.name()), 0, destination.name()).key);
  return !wanted || is_there(policy.observed(), *wanted) || policy.observed().find(single);
}

// The network that the interface of a Pod is in, of which its annotation depends; no_slot: there is none.
SlotId network_of(const Table& table, const Entry& pod_state) {
  for (const auto& dependency : pod_state.dependencies()) {
    const auto& interface = table[dependency.slot];
    if (interface.type() != Type::virtual_machine_interface) continue;
    for (const auto& item : interface.desired().of(Field::networks)) return table.target(item);
  }
  return no_slot;
}

}  // namespace

SlotId awaited_connection(const Table& table, const Entry& pod_state) {
  const auto network = network_of(table, pod_state);
  if (network == no_slot) return no_slot;
  for (const auto& item : table[network].desired().of(Field::policies)) {
    const auto policy = table.target(item);
    if (policy == no_slot || !is_coming(table, table[policy])) continue;
    if (!is_in_place(table[policy])) return policy;
    if (!is_attached(table, network, policy)) return network;
    for (const auto destination : table[policy].cold().destinations) {
      if (!has_rule(table[policy], table[network], table[destination])) return policy;
      if (!is_attached(table, destination, policy)) return destination;
    }
  }
  return no_slot;
}

}  // namespace knm
