#include "controller/run/pod_state_policy.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "controller/log/loggers.hpp"
#include "k8sclient/api/errc.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using State = Protection::State;

constexpr const char* policy_name = "pod-state.opencontrail.org";
constexpr const char* remedy = "apply manifests/policy";

std::string path_of(const char* plural) {
  return std::string("/apis/admissionregistration.k8s.io/v1/") + plural + "/" + policy_name;
}

// For an object (of the two) that could not be read.
Protection without(const std::string& what, const base::Error& error) {
  if (error.code == k8s::errc::not_found)
    return {State::not_in_force, "not found: " + what + " " + policy_name + ": " + remedy +
                                     " (Kubernetes before 1.30 has no such policies; use a webhook there)"};
  if (error.code == k8s::errc::forbidden)
    return {State::unknown, std::string("permission to get ") + what + " " + policy_name +
                                " is missing: apply manifests/rbac, or check yourself that the object exists"};
  return {State::unknown, error.message};
}

// The member; null if it, or the object, is absent.
const json& member(const json& object, const char* name) {
  static const json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : none;
}

Protection loose(const std::string& why) {
  return {State::not_in_force, std::string("the policy ") + policy_name + " exists, but " + why + ": " + remedy};
}

// Whether the server answered the question, also with a 404.
bool is_word(const base::Result<std::string>& answer) {
  return answer || answer.error().code == k8s::errc::not_found || answer.error().code == k8s::errc::forbidden;
}

}  // namespace

std::string_view name(Protection::State state) {
  switch (state) {
    case State::unknown:
      return "cannot be checked";
    case State::in_force:
      return "in force";
    case State::not_in_force:
      return "not in force";
  }
  return {};
}

Protection protection_of(const base::Result<std::string>& policy, const base::Result<std::string>& binding) {
  if (!policy) return without("ValidatingAdmissionPolicy", policy.error());
  if (!binding) return without("ValidatingAdmissionPolicyBinding", binding.error());
  const auto rules = json::parse(*policy, nullptr, false), bound = json::parse(*binding, nullptr, false);
  const auto& spec = member(bound, "spec");
  if (!member(rules, "spec").is_object() || !spec.is_object())
    return {State::unknown, std::string("the answer for the policy ") + policy_name + " cannot be read"};
  if (member(member(rules, "spec"), "failurePolicy") == "Ignore") return loose("its failurePolicy is Ignore");
  if (member(spec, "policyName") != policy_name) return loose("its binding names another policy");
  const auto& actions = member(spec, "validationActions");
  if (!actions.is_array() || std::find(actions.begin(), actions.end(), "Deny") == actions.end())
    return loose("its binding denies nothing (validationActions without Deny)");
  if (!member(spec, "matchResources").is_null()) return loose("its binding excludes some Pods (matchResources)");
  return {State::in_force, {}};
}

asio::awaitable<void> PodStatePolicy::keep_watch() {
  constexpr std::chrono::minutes pause{1};
  for (bool first = true;; first = false) {
    const auto policy = co_await kubernetes_.get(path_of("validatingadmissionpolicies"));
    const auto binding = co_await kubernetes_.get(path_of("validatingadmissionpolicybindings"));
    // A short outage of the server is not a new outcome.
    if (first || (is_word(policy) && is_word(binding))) {
      auto found = protection_of(policy, binding);
      const bool is_new = found.state != found_.state;
      found_ = std::move(found);
      if (first || is_new) tell();
    }
    asio::steady_timer timer(executor_, pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

void PodStatePolicy::tell() const {
  switch (found_.state) {
    case State::in_force:
      log::kubernetes.info("the annotation opencontrail.org/pod-state is protected", {{"policy", policy_name}});
      return;
    case State::not_in_force:
      log::kubernetes.warning(
          "the annotation opencontrail.org/pod-state is not protected: every author of Pods may attach a Pod to "
          "another network",
          {{"why", found_.why}});
      return;
    case State::unknown:
      log::kubernetes.warning("the protection of the annotation opencontrail.org/pod-state cannot be checked",
                              {{"why", found_.why}});
      return;
  }
}

}  // namespace knm
