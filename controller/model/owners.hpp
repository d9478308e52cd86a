#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "controller/model/identity.hpp"

namespace knm {

// Whose marks are ours: those of this cluster, and those of a former one of its name that it took over.
class Owners {
 public:
  using Marks = std::map<std::string, std::string>;

  void set(std::string owner) { owner_ = std::move(owner); }
  // What our own marks are signed by: owner_of().
  const std::string& ours() const { return owner_; }
  std::string_view uid() const { return std::string_view(owner_).substr(owner_.find('/') + 1); }

  Ownership of(const Marks& annotations) const;
  // Whether a former cluster that was taken over signed it, or is named as a user of what is shared.
  bool is_former(const Marks& annotations) const;
  // Whether an owner, as a mark has it, is a cluster of our name: this one or another.
  bool has_our_name(std::string_view owner) const;
  // The UID of another cluster of our name that marked an object, or uses a shared one, and was not taken over; nullopt
  // where there is none.
  std::optional<std::string> duplicate_cluster(const Marks& annotations) const;
  // What the cluster of our name with this UID has left is ours. Whether that is news.
  bool take_over(std::string uid) { return former_.insert(std::move(uid)).second; }

 private:
  std::string owner_;
  std::set<std::string> former_;  // UIDs
};

}  // namespace knm
