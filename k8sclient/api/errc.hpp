#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace k8s {

// Failures of a Kubernetes API server or of its configuration. The message of the Error contains the place and the way
// out; failures of the connection itself have a net::errc instead.
enum class errc {
  bad_config = 1,   // a kubeconfig or the in-cluster configuration cannot be used
  unsupported,      // a feature that this library does not support
  bad_credentials,  // the client's token or certificate cannot be read
  unauthorized,     // 401: the server does not accept the credentials
  forbidden,        // 403: the user has no permission
  not_found,        // 404: the object, or its kind, does not exist
  conflict,         // 409: the object has another UID or resource version
  expired,          // 410: the resource version or continue token is too old
  invalid,          // 400, 422 and other refusals that every repetition would meet
  busy,             // 429 and 503: try again later
  server_error,     // other 5xx
  unexpected,       // an unexpected status or content type
  malformed,        // an object, list or event that cannot be decoded
  too_large,        // an object, event or list above the limits
  stale,            // the server returned a state older than an earlier one
  stalled,          // a watch was silent for too long, or stayed open for longer than requested
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace k8s

template <>
struct boost::system::is_error_code_enum<k8s::errc> : std::true_type {};
