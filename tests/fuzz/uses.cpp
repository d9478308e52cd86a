// The uses of a Pod's label and annotation: sorted, unique, and valid names of tiers.
#include <algorithm>
#include <string>

#include "controller/intent/labels.hpp"
#include "tests/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  k8s::ObjectMeta meta;
  meta.annotations = {{"uses", text}};
  meta.labels = {{"uses", text.substr(0, text.find(','))}, {"name", text.substr(0, 63)}};
  const auto uses = knm::uses(meta, {"uses"});
  fuzz::check(std::is_sorted(uses.tiers.begin(), uses.tiers.end()));
  fuzz::check(std::adjacent_find(uses.tiers.begin(), uses.tiers.end()) == uses.tiers.end());
  fuzz::check(
      std::all_of(uses.tiers.begin(), uses.tiers.end(), [](const auto& tier) { return knm::is_label_value(tier); }));
  knm::pod_tier(meta, {"name"});
  return 0;
}
