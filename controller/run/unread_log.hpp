#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/token_bucket.hpp"
#include "controller/base/time.hpp"
#include "k8sclient/decode/unreadable.hpp"

namespace knm {

// Logs unreadable Kubernetes objects: the beginning and end for each, with a limit on the number of lines, since a user
// may create very many of them, or the same one again and again.
class UnreadLog {
 public:
  void came(std::string_view resource, const k8s::Unreadable& object, Time now);
  void over(std::string_view resource, const k8s::Unreadable& was, Time now);

 private:
  bool may_tell(std::string_view resource, Time now);

  std::map<std::string_view, base::TokenBucket> lines_;  // by resource
  std::map<std::string_view, bool> cut_;                 // the log has a line that there are more
};

}  // namespace knm
