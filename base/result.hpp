#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace base {

// What went wrong, in one sentence that a person can act on, with a code for programs to decide by.
// `message` names what was attempted, where (file, address, key) and the way out, in that order; it never holds a
// secret.
struct Error {
  boost::system::error_code code;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

// Puts what was being attempted in front of an error that comes from below: `context: message`.
inline Error annotate(Error error, const std::string& context) {
  error.message = context + ": " + error.message;
  return error;
}

// A value or an Error. Exceptions do not cross module borders.
template <class T>
using Result = boost::system::result<T, Error>;

// Asked for by boost::system::result where value() is called on an error: a bug of the caller, never a way of control.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

}  // namespace base
