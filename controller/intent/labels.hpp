#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/keys.hpp"
#include "k8sclient/api/objects.hpp"

// What labels say: the tier of a Pod or Service, and the service tiers that a Pod uses.
namespace knm {

// The tiers that an absent label means. A label that says the same names the same tier.
inline constexpr std::string_view unlabelled_pod_tier = "default-network";
inline constexpr std::string_view unlabelled_service_tier = "default";

// Whether `text` is a label value that is not empty: 1 to 63 characters, letters, digits, '-', '_', '.', alphanumeric
// at both ends. Source:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
bool is_label_value(std::string_view text);

// The tier of a Pod: the value of the first key of `keys` that has one, or unlabelled_pod_tier.
std::string pod_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);
// The tier of a Service likewise, or unlabelled_service_tier.
std::string service_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);

// How many names of a Pod count: the first, of its label and then of its annotation in order.
inline constexpr std::size_t most_uses = 256;

struct Uses {
  std::vector<std::string> tiers;     // sorted, unique
  std::vector<std::string> problems;  // one sentence for each name or list that does not parse; the first of them
  std::size_t more_problems = 0;      // that are not listed
  bool too_many = false;              // it names more than most_uses, and the others do not count
};

// The service tiers that a Pod names: its label (one name) and its annotation (one name, a comma-separated list, or a
// JSON list of strings) add up, each taken from the first key of `keys` that has a value there. What does not parse is
// a problem, and every other name still counts. What is kept of it is bounded, whatever a Pod's author writes, and
// behind the last name that counts nothing is read.
Uses uses(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);

}  // namespace knm
