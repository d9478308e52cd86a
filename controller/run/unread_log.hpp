#pragma once

#include <map>
#include <string>
#include <string_view>

#include "controller/events/token_bucket.hpp"
#include "k8sclient/decode/unreadable.hpp"

namespace knm {

// Objects of Kubernetes that cannot be read, for the log: each when it comes and when it is over, but no more lines
// than a person reads, for a user may make very many of them, or the same again and again.
class UnreadLog {
 public:
  void came(std::string_view resource, const k8s::Unreadable& object, Time now);
  void over(std::string_view resource, const k8s::Unreadable& was, Time now);

 private:
  bool may_tell(std::string_view resource, Time now);

  std::map<std::string_view, TokenBucket> lines_;  // by resource
  std::map<std::string_view, bool> cut_;           // it was told that there are more
};

}  // namespace knm
