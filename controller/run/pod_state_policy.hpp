#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "k8sclient/client/client.hpp"

namespace knm {

// Whether the API server keeps other clients from writing the annotation opencontrail.org/pod-state (manifests/policy).
// A node plugin attaches the interface in the annotation, so without that protection the author of a Pod could use
// another Pod's interface.
struct Protection {
  enum class State : std::uint8_t { unknown, in_force, not_in_force };
  State state = State::unknown;
  std::string why;  // if it is not known to be in force: one sentence with the way out
  friend bool operator==(const Protection&, const Protection&) = default;
};
inline constexpr int protection_count = 3;
std::string_view name(Protection::State state);  // "in force", "not in force", "cannot be checked"

// The protection by the policy and its binding, each as JSON or with the error of reading it. Pure.
Protection protection_of(const base::Result<std::string>& policy, const base::Result<std::string>& binding);

// Reads both by their common name: no other read permission is needed. Logs the outcome when it changes.
class PodStatePolicy {
 public:
  // Both must outlive it.
  PodStatePolicy(boost::asio::any_io_executor executor, k8s::Client& kubernetes)
      : executor_(executor), kubernetes_(kubernetes) {}

  // Checks now and again and again, since the policy may be deleted. Runs until cancelled.
  boost::asio::awaitable<void> keep_watch();
  const Protection& found() const { return found_; }

 private:
  void tell() const;

  boost::asio::any_io_executor executor_;
  k8s::Client& kubernetes_;
  Protection found_;
};

}  // namespace knm
