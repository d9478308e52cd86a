#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace knm::cni {

// The error codes of a plugin, as the container runtime gets them: those of the CNI specification
// (https://www.cni.dev/docs/spec/#error), and from 100 on this plugin's own.
enum class errc {
  bad_version = 1,         // the network configuration has a version that this plugin does not know
  unknown_field = 2,       // the network configuration has a key that this plugin does not know
  bad_environment = 4,     // a CNI_* variable is missing or not valid
  io_failure = 5,          // a program, a device or a namespace did not do what it was asked for
  undecodable = 6,         // the input is not JSON
  bad_config = 7,          // a value of the network configuration is not valid
  try_again = 11,          // what the plugin waited for did not come in time
  not_available = 50,      // STATUS: ADD would fail
  not_as_added = 100,      // CHECK: the container's network is not what ADD made
  interface_exists = 101,  // the container has an interface of this name that is not the plugin's
  not_served = 102         // the controller gives Pods of this kind no network
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace knm::cni

template <>
struct boost::system::is_error_code_enum<knm::cni::errc> : std::true_type {};
