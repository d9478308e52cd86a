#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace standin {

/// Why a request was not executed: an HTTP status and a line of text for people.
struct Refusal {
  Refusal() = default;
  Refusal(int code, std::string why) : status(code), text(std::move(why)) {}
  int status = 500;
  std::string text;
};

/// What boost::system::result calls when the value of a refusal is taken: a programming error.
[[noreturn]] inline void throw_exception_from_error(const Refusal& refusal, const boost::source_location& /*where*/) {
  throw std::logic_error("value of a refusal: " + refusal.text);
}

template <class T>
using Outcome = boost::system::result<T, Refusal>;

}  // namespace standin
