#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/keys.hpp"
#include "k8sclient/api/objects.hpp"

// Reads labels: the tier of a Pod or Service, and the service tiers that a Pod uses.
namespace knm {

// The tiers of objects without a label. A label with the same value names the same tier.
inline constexpr std::string_view unlabelled_pod_tier = "default-network";
inline constexpr std::string_view unlabelled_service_tier = "default";

// Whether `text` is a label value that is not empty: 1 to 63 characters, letters, digits, '-', '_', '.', alphanumeric
// at both ends. Source:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
bool is_label_value(std::string_view text);

// The tier of a Pod: the value of the first of `keys` that has one, or unlabelled_pod_tier.
std::string pod_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);
// The tier of a Service: the same, or unlabelled_service_tier.
std::string service_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);

// The number of names of a Pod that count: the first ones, from its label and then from its annotation in order.
inline constexpr std::size_t most_uses = 256;

struct Uses {
  std::vector<std::string> tiers;     // sorted, unique
  std::vector<std::string> problems;  // one sentence for each name or list that cannot be parsed; the first of them
  std::size_t more_problems = 0;      // the number of further ones
  bool too_many = false;              // it has more than most_uses names, and the rest does not count
};

// The service tiers that a Pod names: the union of its label (one name) and its annotation (one name, a comma-separated
// list, or a JSON list of strings), each from the first of `keys` that has a value. A name that cannot be parsed is a
// problem, and every other name still counts. The result is bounded for any input, and nothing is read after the last
// name that counts.
Uses uses(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys);

}  // namespace knm
