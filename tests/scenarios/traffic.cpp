#include "tests/scenarios/traffic.hpp"

#include <algorithm>
#include <iterator>

namespace knm::test {

Reach Traffic::now() const { return reach(nlohmann::json::parse(actor_.world().api().dump())); }

void Traffic::begin() {
  before_ = now();
  missed_.clear();
}

bool Traffic::settle() {
  auto writes = actor_.world().writes();
  return actor_.settle([&] {
    if (std::exchange(writes, actor_.world().writes()) == actor_.world().writes()) return;
    const auto reached = now();
    std::set_difference(before_.begin(), before_.end(), reached.begin(), reached.end(),
                        std::inserter(missed_, missed_.end()));
  });
}

Reach Traffic::cut() const {
  const auto after = now();
  Reach out;
  std::set_intersection(missed_.begin(), missed_.end(), after.begin(), after.end(), std::inserter(out, out.end()));
  return out;
}

}  // namespace knm::test
