#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The largest objects of each kind that an API server accepts. The limit is etcd's maximum request size (1.5 MiB,
// --max-request-bytes), unless a comment says otherwise.
namespace knm::bench {

struct Encoded {
  enum class Kind : std::uint8_t { pod, service, slice } kind;
  std::string bytes;  // protobuf, without an envelope
};

struct LargestShape {
  std::string name;
  // The share of the largest object (1: all of it), and the number of the copy: names and UIDs are derived from it.
  std::vector<Encoded> (*make)(double share, std::size_t copy);
};

const std::vector<LargestShape>& largest_shapes();

}  // namespace knm::bench
