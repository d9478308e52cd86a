#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "k8sclient/client/client.hpp"

namespace knm {

// Whether the API server keeps all others from writing the annotation opencontrail.org/pod-state
// (manifests/policy). A plugin plugs what it says, so where it does not, the author of a Pod may name another's
// interface.
struct Protection {
  enum class State : std::uint8_t { unknown, in_force, not_in_force };
  State state = State::unknown;
  std::string why;  // where it is not known to be in force: one sentence with the way out
  friend bool operator==(const Protection&, const Protection&) = default;
};
inline constexpr int protection_count = 3;
std::string_view name(Protection::State state);  // "in force", "not in force", "cannot be checked"

// What the policy and its binding, as JSON or why they could not be had, say of that. Pure.
Protection protection_of(const base::Result<std::string>& policy, const base::Result<std::string>& binding);

// Asks for both, by their one name: no other right to read is needed. Tells the log what it found when that changed.
class PodStatePolicy {
 public:
  // Both must retain it.
  PodStatePolicy(boost::asio::any_io_executor executor, k8s::Client& kubernetes)
      : executor_(executor), kubernetes_(kubernetes) {}

  // Now, and again and again: what protects may be deleted. Until cancelled.
  boost::asio::awaitable<void> keep_watch();
  const Protection& found() const { return found_; }

 private:
  void tell() const;

  boost::asio::any_io_executor executor_;
  k8s::Client& kubernetes_;
  Protection found_;
};

}  // namespace knm
