#include "controller/run/unreadable_objects.hpp"

#include <utility>

#include "base/cut.hpp"
#include "controller/log/loggers.hpp"

namespace knm {
namespace {

// Lines about further ones add nothing, and a user may create many of them.
constexpr std::size_t most_lines = 20;
constexpr std::size_t longest_name = 200;

}  // namespace

void UnreadableConfigObjects::begin() { met_.clear(); }

void UnreadableConfigObjects::note(const contrail::Unreadable& object) {
  // `why` begins with the object's index in its list, which changes.
  const auto& uuid = object.part.uuid;
  const auto key = std::string(contrail::name(object.part.type)) + " " + (uuid.is_nil() ? object.why : uuid.text());
  if (!met_.insert(key).second || !logged_.insert(key).second) return;
  if (logged_.size() <= most_lines) tell(object);
  if (logged_.size() == most_lines + 1) log::inventory.warning("further objects of the config API cannot be read", {});
}

void UnreadableConfigObjects::end() {
  last_ = std::exchange(met_, {});
  std::erase_if(logged_, [&](const auto& key) { return !last_.contains(key); });
}

void UnreadableConfigObjects::tell(const contrail::Unreadable& object) const {
  log::inventory.warning("object of the config API cannot be read; it is left unchanged",
                         {{"type", contrail::name(object.part.type)},
                          {"uuid", object.part.uuid.is_nil() ? "unknown" : object.part.uuid.text()},
                          {"name", std::string(base::cut(object.part.fq_name, longest_name))},
                          {"error", object.why}});
}

}  // namespace knm
