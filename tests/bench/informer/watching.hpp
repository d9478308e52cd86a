#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "k8sclient/client/client.hpp"

namespace knm::bench {

// What a program of the informer benchmark is to do. The client-go half (client-go/informer) has the same flags.
struct Watching {
  std::string mode = "list";          // how the first state comes: list (whole), pages (of 500), stream
  std::string encoding = "protobuf";  // or json
  std::size_t paced = 0;              // the number of paced changes of Pods to wait for after the first state ...
  std::size_t burst = 0;              // ... and then of changes in a burst
};

// Reflects Pods, Services, EndpointSlices and Namespaces until all changes are seen. Prints a line of JSON for each
// phase:
//   {"phase": "synced", "seconds", "cpu", "objects": {"pods": n, ...}, "bytes"}
//   {"phase": "steady"}
//   {"phase": "paced", "cpu", "handled_at": nanoseconds since the epoch of each change}
//   {"phase": "burst", "cpu"}
// `cpu` is the CPU time of the phase in seconds; every line has the memory (usage.hpp).
boost::asio::awaitable<void> reflect_all(const k8s::Client& client, Watching what);

// The same requests up to the first state, with bodies that are read and discarded: the cost of the transport alone.
// Prints the line "synced" without objects. Has no pages, since a page names the next one.
boost::asio::awaitable<void> discard_all(const k8s::Client& client, Watching what);

}  // namespace knm::bench
