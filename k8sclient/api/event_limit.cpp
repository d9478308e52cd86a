#include "k8sclient/api/event_limit.hpp"

namespace k8s {

bool EventLimit::admit(const Event& event, Time now) {
  const bool admitted = buckets_.take({event.reporting_controller, event.regarding}, now);
  if (!admitted) ++suppressed_;
  return admitted;
}

EventLimit::Time EventLimit::ready_at(const Event& event) const {
  return buckets_.ready_at({event.reporting_controller, event.regarding});
}

}  // namespace k8s
