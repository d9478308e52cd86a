#include "controller/run/unread_log.hpp"

#include "controller/log/log.hpp"

namespace knm {
namespace {

constexpr log::Logger logger("kubernetes");
constexpr TokenBucket::Rate rate{20, std::chrono::minutes(1)};

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
  if (!cut) logger.warning("more objects cannot be read; knm_unreadable_objects counts them", {{"resource", resource}});
  cut = true;
  return false;
}

void UnreadLog::came(std::string_view resource, const k8s::Unreadable& object, Time now) {
  if (!may_tell(resource, now)) return;
  logger.warning(object.named ? "an object cannot be read; it stays as it was last known"
                              : "an object cannot be read, nor its name; until it can, no list takes anything away",
                 {{"resource", resource}, {"name", name_of(object)}, {"uid", object.uid}, {"error", object.why}});
}

void UnreadLog::over(std::string_view resource, const k8s::Unreadable& was, Time now) {
  if (!may_tell(resource, now)) return;
  logger.info("an object that could not be read can be read again, or is gone",
              {{"resource", resource}, {"name", name_of(was)}});
}

}  // namespace knm
