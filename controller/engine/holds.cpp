#include "controller/engine/holds.hpp"

namespace knm {

std::string_view why_held(const Entry& entry, const Holds& holds, SlotId id) {
  switch (entry.deletion_hold()) {
    case DeletionHold::none:
      if (entry.cold().kept.empty()) return {};
      return "very many items of objects of this kind would be deleted at once; a second list or --allow-mass-delete "
             "allows the deletion";
    case DeletionHold::undecided:
      return "the audit that found the object is still running";
    case DeletionHold::unreadable:
      return "the Kubernetes object of this object cannot be read (UnreadableObject)";
    case DeletionHold::unconfirmed:
      return "very many objects would be deleted at once; a second list of Kubernetes allows the deletion";
    case DeletionHold::guard:
      return "very many objects would be deleted at once; --allow-mass-delete allows the deletion";
    case DeletionHold::unexplained:
    case DeletionHold::occupied:
      break;
  }
  const auto* held = holds.find(id);
  return held ? std::string_view(held->why) : std::string_view();
}

}  // namespace knm
