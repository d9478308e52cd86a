#include "controller/model/owners.hpp"

namespace knm {
namespace {

std::string_view uid_in(std::string_view owner) { return owner.substr(owner.find('/') + 1); }

}  // namespace

bool Owners::has_our_name(std::string_view owner) const {
  const auto prefix = std::string_view(owner_).substr(0, owner_.find('/') + 1);
  return owner.size() > prefix.size() && owner.starts_with(prefix);
}

Ownership Owners::of(const Marks& annotations) const {
  const auto plain = ownership(annotations, owner_);
  if (plain != Ownership::foreign || former_.empty()) return plain;
  const auto owner = text_of(annotations, annotation_owner);
  return has_our_name(owner) && former_.contains(std::string(uid_in(owner))) ? Ownership::owned : plain;
}

bool Owners::is_former(const Marks& annotations) const {
  const auto owner = text_of(annotations, annotation_owner);
  const auto named = owner == shared_owner ? text_of(annotations, user_key(owner_))
                     : has_our_name(owner) ? std::string(uid_in(owner))
                                           : std::string();
  return former_.contains(named);
}

std::optional<std::string> Owners::duplicate_cluster(const Marks& annotations) const {
  const auto owner = text_of(annotations, annotation_owner);
  auto other = owner == shared_owner ? text_of(annotations, user_key(owner_))
               : has_our_name(owner) ? std::string(uid_in(owner))
                                     : std::string();
  if (other.empty() || other == uid() || former_.contains(other)) return std::nullopt;
  return other;
}

}  // namespace knm
