#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "controller/base/text_map.hpp"
#include "controller/engine/reports.hpp"
#include "controller/intent/intent.hpp"

namespace knm {

// The Pods that wait for their network, and since when. The end is reported once for each Pod, with the answer to the
// patch of its annotation or, if the answer is late or lost, with the watch. A later repair is not reported again.
class NetworkWaits {
 public:
  // All of them outlive it.
  NetworkWaits(const Intent& intent, Table& table, const Reports& reports)
      : intent_(intent), table_(table), reports_(reports) {}

  // The facts of a Pod may have changed.
  void review(const ObjectKey& pod, Time now);
  // The annotation of the Pod's entry is written.
  void over(SlotId id, Time now);

 private:
  const Intent& intent_;
  Table& table_;
  const Reports& reports_;
  // Pods that wait; after a start, all Pods for a while.
  boost::unordered_flat_map<ObjectName, Time, TextHash, SameText> first_seen_;
};

}  // namespace knm
