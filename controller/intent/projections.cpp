#include "controller/intent/projections.hpp"

namespace knm {

k8s::Projection pod_projection(const Settings& settings) {
  k8s::Projection out;
  out.labels = settings.network_label;
  out.labels.insert(out.labels.end(), settings.service_label.begin(), settings.service_label.end());
  out.annotations = settings.service_label;
  out.annotations.emplace_back("opencontrail.org/pod-state");
  return out;
}

k8s::Projection service_projection(const Settings& settings) {
  k8s::Projection out;
  out.labels = settings.network_label;
  return out;
}

}  // namespace knm
