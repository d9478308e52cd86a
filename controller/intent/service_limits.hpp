#pragma once

#include <vector>

#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// Features of a Service that the config API cannot express: its addresses work without them, and each is a problem.
// Uses the addresses in `facts`: a Service without an address of the controller may be served by another one.
std::vector<Problem> cannot_express(const k8s::Service& service, const ServiceFacts& facts);

}  // namespace knm
