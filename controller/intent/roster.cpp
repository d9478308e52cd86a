#include "controller/intent/roster.hpp"

namespace knm {

using Standing = Endpoints::Standing;

std::uint32_t Roster::Side::waiting() const {
  std::uint32_t out = 0;
  for (const auto& [ports, count] : counts) out += count.waiting;
  return out;
}

void Roster::enter(Endpoints::MemberId id, const Endpoints::Member& member, const std::string& tier,
                   const ServicePorts::Meaning& meaning) {
  mapped += member.mapped;
  unresolved[static_cast<std::size_t>(member.why)] += member.unresolved;
  if (member.standing == Standing::none) return;
  auto& count = side(id.family()).counts[member.ports];
  count.meaning = meaning;
  const bool serves = member.standing == Standing::serving;
  ++(serves ? count.serving : count.waiting);
  if (!serves || tier.empty()) return;
  auto& all = tiers.make();
  ++all.serving[tier];
  all.touched.insert(tier);
}

void Roster::withdraw(Endpoints::MemberId id, Endpoints::Member& member, const std::string& tier) {
  mapped -= member.mapped;
  unresolved[static_cast<std::size_t>(member.why)] -= member.unresolved;
  if (member.standing != Standing::none) {
    auto& counts = side(id.family()).counts;
    const auto at = counts.find(member.ports);
    const bool serves = member.standing == Standing::serving;
    --(serves ? at->second.serving : at->second.waiting);
    if (at->second.serving == 0 && at->second.waiting == 0) counts.erase(at);
    if (serves && !tier.empty()) {
      auto& all = tiers.make();
      const auto of_tier = all.serving.find(tier);
      if (--of_tier->second == 0) all.serving.erase(of_tier);
      all.touched.insert(tier);
    }
  }
  member.mapped = false;
  member.unresolved = 0;
  member.why = Unresolved::none;
  member.standing = Standing::none;
}

}  // namespace knm
