#pragma once

#include <vector>

#include "controller/intent/backend_group.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// All problems of a Service: its `own`, and those of its backends; for a Service that gets nothing, the reason.
// `endpoints`: the content of the Service's slices; null: it has none.
std::vector<Problem> problems_of(const ObjectKey& service, std::vector<Problem> own, const BackendGroup& group,
                                 const Endpoints::OfService* endpoints);

}  // namespace knm
