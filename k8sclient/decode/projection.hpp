#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace k8s {

// The labels and annotations to keep; all others are dropped during decoding.
struct Projection {
  std::vector<std::string> labels{};
  std::vector<std::string> annotations{};
};

// Limits on the memory for a response. Lists are never held, only one item at most.
struct DecodeLimits {
  // One encoded object or event; etcd's own default limit is 1.5 MB. Of a larger one only the beginning is kept.
  std::size_t object_bytes = 16 * 1024 * 1024;
  std::size_t envelope_bytes = 64 * 1024;  // the members besides the items of a list; a larger one is an error
};

}  // namespace k8s
