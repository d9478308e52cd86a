#pragma once

#include <vector>

#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// What a Service asks for that the config API has no word for: its addresses work without it, and its author is told.
// Of `facts` its addresses count: who has none that we serve asks others.
std::vector<Problem> cannot_express(const k8s::Service& service, const ServiceFacts& facts);

}  // namespace knm
