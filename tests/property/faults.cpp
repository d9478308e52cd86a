#include "tests/property/faults.hpp"

namespace knm::test {

Faults::Faults(World& world, std::uint64_t seed, unsigned share, std::vector<Kind> choice)
    : world_(world), random_(seed), share_(share), choice_(std::move(choice)) {
  world_.set_fault([this](const auto& request, const auto& carry_out) { return disturb(request, carry_out); });
}

std::optional<ConfigAnswer> Faults::disturb(const contrail::Request& request,
                                            const std::function<ConfigAnswer()>& carry_out) {
  if (down_) {
    ++refused_while_down_;
    return ConfigAnswer{Sent::no, 0, {}, "connection refused"};
  }
  if (random_() % 100 >= share_) return std::nullopt;
  const auto kind = choice_[random_() % choice_.size()];
  ++counts_[kind];
  switch (kind) {
    case Kind::error_before:
      return ConfigAnswer{Sent::answered, 500, "Internal Server Error", {}};
    case Kind::error_after:
      carry_out();
      return ConfigAnswer{Sent::answered, 500, "Internal Server Error", {}};
    case Kind::reset_before:
      return ConfigAnswer{Sent::unknown, 0, {}, "connection reset"};
    case Kind::reset_after:
      carry_out();
      return ConfigAnswer{Sent::unknown, 0, {}, "connection reset"};
    case Kind::not_sent:
      return ConfigAnswer{Sent::no, 0, {}, "connection refused"};
    case Kind::half_answer: {
      auto answer = carry_out();
      answer.body.resize(answer.body.size() / 2);
      return answer;
    }
    case Kind::late:
      world_.carry_out_late(request);
      return ConfigAnswer{Sent::unknown, 0, {}, "timed out"};
  }
  return std::nullopt;
}

std::size_t Faults::count() const {
  std::size_t sum = 0;
  for (const auto& [kind, count] : counts_) sum += count;
  return sum;
}

}  // namespace knm::test
