#include "controller/bind/policy_book.hpp"

#include <utility>

namespace knm {

void PolicyBook::remember(const Unit& unit, const PolicyUsers::Names& users, const PolicyUsers::Names& destinations,
                          bool bundled, std::uint64_t round) {
  users_.insert_or_assign(unit, Known{PolicyUsers(users, destinations, bundled, size_limit_), round});
}

bool PolicyBook::begin_round(const Unit& unit, std::uint64_t round) {
  return std::exchange(users_.at(unit).round, round) != round;
}

std::optional<PolicyUsers::Change> PolicyBook::move(const Unit& unit, const std::vector<PolicyUsers::Move>& moves,
                                                    const PolicyUsers::Names& destinations) {
  return users_.at(unit).users.move(moves, destinations);
}

void PolicyBook::note_left_out(const Unit& unit, const TierSet& users, const TierSet& direct, std::size_t others,
                               std::size_t named) {
  auto pairs = users.size() * (direct.size() + others);
  for (const auto& tier : direct) pairs -= users.contains(tier) ? 1 : 0;
  if (named < pairs) left_out_[unit] = pairs - named;
}

std::size_t PolicyBook::left_out(const Unit& unit) const {
  const auto found = left_out_.find(unit);
  return found == left_out_.end() ? 0 : found->second;
}

}  // namespace knm
