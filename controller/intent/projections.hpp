#pragma once

#include "controller/config/settings.hpp"
#include "k8sclient/decode/projection.hpp"

namespace knm {

// Which labels and annotations of Pods and Services the intent reads: all others are dropped while they are decoded.
k8s::Projection pod_projection(const Settings& settings);
k8s::Projection service_projection(const Settings& settings);

}  // namespace knm
