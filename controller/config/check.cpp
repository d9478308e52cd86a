#include "controller/config/check.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "controller/config/duration.hpp"

namespace knm {
namespace {

struct Range {
  contrail::Cidr range;
  std::string key;
  std::optional<Place> place;  // nullopt: the key's default
};

// What the file says, and the defaults of the keys that it leaves out.
std::vector<Range> all_ranges(const Settings& settings, const Reading& reading) {
  std::vector<Range> result;
  const auto add_defaults = [&](const char* key, const std::vector<contrail::Cidr>& ranges) {
    if (reading.written.contains(key)) return;
    for (const auto& range : ranges) result.push_back({range, key, std::nullopt});
  };
  add_defaults("private-ip-range", settings.private_ip_range);
  add_defaults("service-cluster-ip-range", settings.service_cluster_ip_range);
  add_defaults("public-ip-range", settings.public_ip_range);
  for (const auto& written : reading.ranges) result.push_back({written.range, written.key, written.place});
  std::sort(result.begin(), result.end(), [](const Range& a, const Range& b) { return a.place < b.place; });
  return result;
}

void check_overlaps(const Settings& settings, Reading& reading) {
  const auto ranges = all_ranges(settings, reading);
  for (std::size_t later = 0; later < ranges.size(); ++later) {
    const auto& at = ranges[later];
    if (!at.place) continue;
    // One report a range: with the first that it overlaps.
    const auto end = ranges.begin() + static_cast<std::ptrdiff_t>(later);
    const auto found =
        std::find_if(ranges.begin(), end, [&](const Range& one) { return one.range.overlaps(at.range); });
    if (found == end) continue;
    if (found->range == at.range && found->key == at.key) continue;  // already reported as listed twice
    std::string where = " of " + found->key;
    if (!found->place) where += " (its default)";
    reading.problems.add(
        *at.place, at.key,
        at.range.text() + " overlaps " + found->range.text() + where + "; write ranges that have no address in common");
  }
}

void check_labels(const Settings& settings, Reading& reading) {
  for (const auto& key : settings.network_label) {
    const auto& others = settings.service_label;
    if (std::find(others.begin(), others.end(), key) == others.end()) continue;
    const auto network = reading.written.find("network-label");
    const auto service = reading.written.find("service-label");
    const bool blame_service =
        service != reading.written.end() && (network == reading.written.end() || network->second < service->second);
    const auto& blamed = blame_service ? *service : *network;  // the defaults differ: at least one is written
    reading.problems.add(blamed.second, blamed.first,
                         "`" + key + "` is also a key of " + (blame_service ? "network-label" : "service-label") +
                             "; a label says either what a pod is or what it uses, write another key");
  }
}

void check_pauses(const Settings& settings, Reading& reading) {
  if (settings.retry_delay <= settings.retry_delay_max) return;
  const auto longest = reading.written.find("retry-delay-max");
  const auto first = reading.written.find("retry-delay");
  const auto& blamed = longest != reading.written.end() ? *longest : *first;
  reading.problems.add(blamed.second, blamed.first,
                       "retry-delay (" + duration_text(settings.retry_delay) + ") is longer than retry-delay-max (" +
                           duration_text(settings.retry_delay_max) + "); raise retry-delay-max or lower retry-delay");
}

}  // namespace

void check_together(const Settings& settings, Reading& reading) {
  check_overlaps(settings, reading);
  check_labels(settings, reading);
  check_pauses(settings, reading);
}

}  // namespace knm
