#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace knm::test {

// Which Pods reach which, according to the config API only: "shop:web-0 -> 10.254.1.1 -> shop:db-0" through a service
// address, "shop:web-0 -> shop:web-1" directly. Two interfaces with addresses on one network reach each other; between
// two networks a policy that is attached to both must have a rule for them. An address with mapped ports has one entry
// for each: "shop:web-0 -> 10.254.1.1 tcp 80>3000 -> shop:db-0". A public address is reached from outside: "outside ->
// 192.0.2.10 -> shop:web-0".
using Reach = std::set<std::string>;

// `dump` is ConfigApi::dump().
Reach reach(const nlohmann::json& dump);

}  // namespace knm::test
