#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"

namespace knm::cni {

enum class Command : std::uint8_t { add, del, check, status, gc, version };

// The Pod of a container, as the container runtime names it in CNI_ARGS.
struct PodRef {
  std::string ns, name, uid;

  friend bool operator==(const PodRef&, const PodRef&) = default;
};

// An attachment of a container to a network: one interface.
struct AttachmentRef {
  std::string container;  // its id
  std::string interface;  // its name in the container, as "eth0"

  friend auto operator<=>(const AttachmentRef&, const AttachmentRef&) = default;
};

// The parameters of a call (https://www.cni.dev/docs/spec/#parameters).
struct Arguments {
  Command command = Command::version;
  AttachmentRef attachment;  // of ADD, DEL and CHECK
  std::string netns;         // path of the network namespace; of DEL it may be empty
  PodRef pod;                // complete for ADD, otherwise as far as it is known
};

using Environment = std::map<std::string, std::string>;  // the variables CNI_*

// Reads and checks the variables. errc::bad_environment names the variable.
base::Result<Arguments> read_arguments(const Environment& environment);

// Whether `name` may be a container's id: letters, digits, `_`, `.` and `-`, the first a letter or digit.
bool is_container_id(const std::string& name);
// Whether Linux takes `name` for an interface.
bool is_interface_name(const std::string& name);

}  // namespace knm::cni
