#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace contrail {

// How an answer of the config API, or an exchange with it, failed. The message of the Error that carries it says where.
enum class errc {
  not_json = 1,  // the body is no JSON: an error page of a proxy, or an answer that was cut short
  wrong_shape,   // JSON, but not what the API answers: another member, another type, an id that is none
  too_large,     // the answer exceeds a limit of this client
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace contrail

template <>
struct boost::system::is_error_code_enum<contrail::errc> : std::true_type {};
