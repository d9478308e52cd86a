#include "controller/config/check.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "controller/config/check_login.hpp"
#include "controller/config/duration.hpp"

namespace knm {
namespace {

struct Range {
  contrail::Cidr range;
  std::string key;
  std::optional<Place> place;  // nullopt: the key's default
};

// The ranges in the file, and the defaults of absent keys.
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

// For each range, by index, the first range in the order of the file that it overlaps; its own index if there is none
// before it. Two ranges are disjoint or nested, so each is compared only with those that contain it, and these with it.
std::vector<std::size_t> first_overlaps(const std::vector<Range>& ranges) {
  std::vector<std::size_t> first(ranges.size()), order(ranges.size());
  std::iota(first.begin(), first.end(), std::size_t{0});
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) { return std::tuple(ranges[i].range.base, ranges[i].range.length, i); };
    return key(a) < key(b);
  });
  std::vector<std::size_t> around;  // ranges that contain this one, the innermost last: few, since lengths grow
  for (const auto at : order) {
    while (!around.empty() && !ranges[around.back()].range.overlaps(ranges[at].range)) around.pop_back();
    for (const auto outer : around) {
      first[at] = std::min(first[at], outer);
      first[outer] = std::min(first[outer], at);
    }
    // Of equal ranges the first is enough: what overlaps one of them overlaps all.
    if (around.empty() || ranges[around.back()].range != ranges[at].range) around.push_back(at);
  }
  return first;
}

void check_overlaps(const Settings& settings, Reading& reading) {
  const auto ranges = all_ranges(settings, reading);
  const auto first = first_overlaps(ranges);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto& at = ranges[i];
    // One report for each range: with the first that it overlaps.
    if (!at.place || first[i] == i) continue;
    const auto& found = ranges[first[i]];
    if (found.range == at.range && found.key == at.key) continue;  // already reported as listed twice
    std::string where = " of " + found.key;
    if (!found.place) where += " (its default)";
    reading.problems.add(
        *at.place, at.key,
        at.range.text() + " overlaps " + found.range.text() + where + "; write ranges without common addresses");
  }
}

void check_labels(const Settings& settings, Reading& reading) {
  const std::set<std::string_view> others(settings.service_label.begin(), settings.service_label.end());
  for (const auto& key : settings.network_label) {
    if (!others.contains(key)) continue;
    const auto network = reading.written.find("network-label");
    const auto service = reading.written.find("service-label");
    const bool blame_service =
        service != reading.written.end() && (network == reading.written.end() || network->second < service->second);
    const auto& blamed = blame_service ? *service : *network;  // the defaults differ: at least one is in the file
    reading.problems.add(
        blamed.second, blamed.first,
        "`" + key + "` is also a key of " + (blame_service ? "network-label" : "service-label") +
            "; a label names either the tier of a pod or the tiers that it requests; write another key");
  }
}

// A listener on all addresses uses the port of each of them.
void check_ports(const Settings& settings, Reading& reading) {
  const auto& http = settings.listen_http;
  const auto& state = settings.listen_state;
  const auto is_loopback = [](const std::string& host) { return host == "localhost" || host == "127.0.0.1"; };
  const bool same_host = http.host.empty() || state.host.empty() || http.host == state.host ||
                         (is_loopback(http.host) && is_loopback(state.host));
  if (http.port == 0 || http.port != state.port || !same_host) return;
  const auto written = reading.written.find("listen-state");
  const auto& blamed = written != reading.written.end() ? *written : *reading.written.find("listen-http");
  reading.problems.add(
      blamed.second, blamed.first,
      "listen-http and listen-state have the same port " + std::to_string(http.port) + "; change one of the two ports");
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

// Reports a combination of values at the first of these keys that the file has.
void blame_one_of(std::initializer_list<const char*> keys, Reading& reading, std::string why) {
  for (const auto* key : keys) {
    const auto written = reading.written.find(key);
    if (written == reading.written.end()) continue;
    reading.problems.add(written->second, written->first, std::move(why));
    return;
  }
}

// The time between the last write of a leader and the first one of the next: a request for the lease ends in it.
constexpr std::chrono::milliseconds least_lease_rest{1'000};

void check_lease(const Settings& settings, Reading& reading) {
  const auto deadline = "lease-renew-deadline (" + duration_text(settings.lease_renew_deadline) + ")";
  if (settings.lease_duration < settings.lease_renew_deadline + least_lease_rest)
    blame_one_of({"lease-renew-deadline", "lease-duration"}, reading,
                 deadline + " is not at least " + duration_text(least_lease_rest) + " shorter than lease-duration (" +
                     duration_text(settings.lease_duration) + "); raise lease-duration or lower lease-renew-deadline");
  // An interval is longer by up to a fifth.
  if (5 * settings.lease_renew_deadline <= 6 * settings.lease_retry_period)
    blame_one_of({"lease-retry-period", "lease-renew-deadline"}, reading,
                 deadline + " is not longer than 1.2 times lease-retry-period (" +
                     duration_text(settings.lease_retry_period) +
                     "); raise lease-renew-deadline or lower lease-retry-period");
}

}  // namespace

void check_together(const Settings& settings, Reading& reading) {
  check_overlaps(settings, reading);
  check_labels(settings, reading);
  check_pauses(settings, reading);
  check_ports(settings, reading);
  check_lease(settings, reading);
  check_login(settings, reading);
}

}  // namespace knm
