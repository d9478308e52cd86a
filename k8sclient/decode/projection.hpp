#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace k8s {

// Which labels and annotations of objects are kept; those not named are dropped while decoding.
struct Projection {
  std::vector<std::string> labels{};
  std::vector<std::string> annotations{};
};

// Bounds on what a server can make us hold. No list is ever held, one item at most.
struct DecodeLimits {
  // One object or event as encoded; etcd's own default limit is 1.5 MB. Of a bigger one the beginning alone is kept.
  std::size_t object_bytes = 16 * 1024 * 1024;
  std::size_t envelope_bytes = 64 * 1024;  // what stands beside a list's items; more is an error
};

}  // namespace k8s
