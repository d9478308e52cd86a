#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace knm {

// The process_* metrics of every Prometheus client, read from /proc at each scrape: CPU time, memory, descriptors,
// threads, start time. A value that cannot be read is left out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace knm
