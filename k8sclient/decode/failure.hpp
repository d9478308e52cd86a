#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/result.hpp"
#include "k8sclient/api/errc.hpp"

namespace k8s {

// Aborts decoding inside this folder; guarded() turns it into a Result.
struct DecodeFailure : std::runtime_error {
  DecodeFailure(errc why, const std::string& text) : std::runtime_error(text), code(why) {}
  errc code;
};

// "of 20 bytes exceeds the limit of 10"
inline std::string too_large(std::uint64_t size, std::uint64_t limit) {
  return "of " + std::to_string(size) + " bytes exceeds the limit of " + std::to_string(limit);
}

[[noreturn]] inline void malformed(const std::string& text) { throw DecodeFailure(errc::malformed, text); }

// Runs `decode`, which returns a Result<void>; an exception becomes an Error that begins with the text of `what()`.
template <class What, class Decode>
base::Result<void> guarded(What what, Decode decode) {
  try {
    return decode();
  } catch (const DecodeFailure& failure) {
    return base::Error{failure.code, what() + ": " + failure.what()};
  } catch (const std::exception& failure) {  // end_of_buffer and the like, from pb::Reader
    return base::Error{errc::malformed, what() + ": " + failure.what()};
  }
}

}  // namespace k8s
