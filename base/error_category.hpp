#pragma once

#include <span>
#include <string>

#include <boost/system/error_code.hpp>

namespace base {

// An error code and its text.
template <class Code>
struct ErrorText {
  Code code;
  const char* text;
};

// g++ sees a destructor in Boost's class that is neither virtual nor reachable; categories are never deleted.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
// The category of a library's error codes; `texts` must outlive it.
template <class Code>
class ErrorCategory final : public boost::system::error_category {
 public:
  ErrorCategory(const char* name, std::span<const ErrorText<Code>> texts) : name_(name), texts_(texts) {}
  const char* name() const noexcept override { return name_; }
  std::string message(int value) const override {
    for (const auto& [code, text] : texts_)
      if (static_cast<int>(code) == value) return text;
    return "unknown error";
  }

 private:
  const char* name_;
  std::span<const ErrorText<Code>> texts_;
};
#pragma GCC diagnostic pop

}  // namespace base
