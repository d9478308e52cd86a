#pragma once

#include "controller/config/settings.hpp"
#include "k8sclient/decode/projection.hpp"

namespace knm {

// The labels and annotations of Pods and Services that the intent reads: all others are dropped during decoding.
k8s::Projection pod_projection(const Settings& settings);
k8s::Projection service_projection(const Settings& settings);

}  // namespace knm
