#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "controller/model/identity.hpp"

namespace knm {

// The owners that count as this cluster: itself, and former clusters of the same name that it took over.
class Owners {
 public:
  using Marks = std::map<std::string, std::string>;

  void set(std::string owner) { owner_ = std::move(owner); }
  // The owner in the owner annotations of this cluster: owner_of().
  const std::string& ours() const { return owner_; }
  std::string_view uid() const { return std::string_view(owner_).substr(owner_.find('/') + 1); }

  Ownership of(const Marks& annotations) const;
  // Whether the owner, or a user of a shared object, is a former cluster that was taken over.
  bool is_former(const Marks& annotations) const;
  // Whether an owner has the name of this cluster: this cluster or another one.
  bool has_our_name(std::string_view owner) const;
  // The UID of another cluster of this name that owns an object, or uses a shared one, and was not taken over; nullopt:
  // there is none.
  std::optional<std::string> duplicate_cluster(const Marks& annotations) const;
  // The objects of the cluster of this name with this UID become owned. Returns whether that is new.
  bool take_over(std::string uid) { return former_.insert(std::move(uid)).second; }

 private:
  std::string owner_;
  std::set<std::string> former_;  // UIDs
};

}  // namespace knm
