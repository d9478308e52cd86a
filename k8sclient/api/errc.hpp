#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace k8s {

// What went wrong between us and a Kubernetes API server, or before. The Error that carries it says where and what to
// do; failures of the connection itself carry a net::errc instead.
enum class errc {
  bad_config = 1,   // a kubeconfig or the in-cluster configuration cannot be used
  unsupported,      // a feature that this library does not have
  bad_credentials,  // our token or certificate cannot be read
  unauthorized,     // 401: the server does not know who we are
  forbidden,        // 403: it knows, and does not allow it
  not_found,        // 404: the object, or the kind of object, is not there
  conflict,         // 409: the object is not the one (UID, resource version) that was meant
  expired,          // 410: the resource version or continue token is too old
  invalid,          // 400, 422 and other refusals that the same request will always meet
  busy,             // 429 and 503: try again later
  server_error,     // other 5xx
  unexpected,       // a status or content type that does not belong here
  malformed,        // an object, list or event that cannot be decoded
  too_large,        // an object, event or list above our bounds
  stale,            // the server showed a state older than one that it showed before
  stalled,          // a watch gave no sign of life for longer than the server was asked to keep it open
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace k8s

template <>
struct boost::system::is_error_code_enum<k8s::errc> : std::true_type {};
