#include "controller/run/unread_log.hpp"

#include "controller/log/loggers.hpp"

namespace knm {
namespace {

constexpr base::TokenBucket::Rate rate{20, std::chrono::minutes(1)};

std::string name_of(const k8s::Unreadable& object) {
  if (!object.named) return "unknown";
  return object.ns.empty() ? object.name : object.ns + "/" + object.name;
}

}  // namespace

bool UnreadLog::may_tell(std::string_view resource, Time now) {
  bool& cut = cut_[resource];
  if (lines_[resource].take(rate, now)) {
    cut = false;
    return true;
  }
  if (!cut)
    log::kubernetes.warning("further objects cannot be read; knm_unreadable_objects has their number",
                            {{"resource", resource}});
  cut = true;
  return false;
}

void UnreadLog::came(std::string_view resource, const k8s::Unreadable& object, Time now) {
  if (!may_tell(resource, now)) return;
  log::kubernetes.warning(
      object.named ? "object cannot be read; its last known version stays valid"
                   : "object cannot be read, and its name is unknown; until it is readable, no list deletes an object",
      {{"resource", resource}, {"name", name_of(object)}, {"uid", object.uid}, {"error", object.why}});
}

void UnreadLog::over(std::string_view resource, const k8s::Unreadable& was, Time now) {
  if (!may_tell(resource, now)) return;
  log::kubernetes.info("unreadable object is readable again, or was deleted",
                       {{"resource", resource}, {"name", name_of(was)}});
}

}  // namespace knm
