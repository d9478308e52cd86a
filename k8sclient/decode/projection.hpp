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

// Bounds on what a server can make us hold. A length above them is an error before a byte of it is kept.
struct DecodeLimits {
  std::size_t object_bytes = 16 * 1024 * 1024;  // one object or event as encoded; etcd's own default limit is 1.5 MB
  std::size_t list_bytes = 512 * 1024 * 1024;   // one JSON list (a protobuf list is never held)
  std::size_t envelope_bytes = 64 * 1024;       // what comes in front of a list's items
};

}  // namespace k8s
