#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The largest objects that an API server takes, each of one kind: what bounds it is etcd's limit of a request (1.5 MiB,
// --max-request-bytes) where nothing below says otherwise.
namespace knm::bench {

struct Encoded {
  enum class Kind : std::uint8_t { pod, service, slice } kind;
  std::string bytes;  // protobuf, without envelope
};

struct LargestShape {
  std::string name;
  // A share of the largest (1: all of it), and which copy of it: names and UIDs follow from that.
  std::vector<Encoded> (*make)(double share, std::size_t copy);
};

const std::vector<LargestShape>& largest_shapes();

}  // namespace knm::bench
