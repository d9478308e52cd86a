#pragma once

#include <vector>

#include "controller/intent/backend_group.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// All problems of a Service: its `own`, and what is wrong with its backends; of a Service that gets nothing, why.
// `endpoints`: what the slices of the Service say; null where it has none.
std::vector<Problem> problems_of(const ObjectKey& service, std::vector<Problem> own, const BackendGroup& group,
                                 const Endpoints::OfService* endpoints);

}  // namespace knm
