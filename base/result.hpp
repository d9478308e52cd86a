#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace base {

// A failure in one sentence that a person can act on, with a code for programs. `message` contains the attempted
// action, its place (file, address, key) and the way out, in that order; it never contains a secret.
struct Error {
  boost::system::error_code code;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

// Prefixes an error with the attempted action of the caller: `context: message`.
inline Error annotate(Error error, const std::string& context) {
  error.message = context + ": " + error.message;
  return error;
}

// A value or an Error. Exceptions do not cross module borders.
template <class T>
using Result = boost::system::result<T, Error>;

// Required by boost::system::result: called when value() is used on an error, which is a bug of the caller.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

}  // namespace base
