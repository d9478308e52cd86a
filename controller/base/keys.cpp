#include "controller/base/keys.hpp"

namespace knm {

TierKey tier_key(std::string_view ns, std::string_view tier) {
  std::string key;
  key.reserve(ns.size() + 1 + tier.size());
  key.append(ns).append("/").append(tier);
  return key;
}

std::string_view ns_of(std::string_view key) { return key.substr(0, key.find('/')); }

std::string_view name_of(std::string_view key) { return key.substr(key.find('/') + 1); }

}  // namespace knm
