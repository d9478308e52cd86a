#pragma once

#include <type_traits>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

namespace knm {

// Why there is no configuration.
enum class ConfigErrc {
  unreadable = 1,  // the file is missing, not a regular file, too large, or not readable
  invalid = 2,     // the file was read, and its content is refused
};

const boost::system::error_category& config_category() noexcept;
boost::system::error_code make_error_code(ConfigErrc code) noexcept;

}  // namespace knm

template <>
struct boost::system::is_error_code_enum<knm::ConfigErrc> : std::true_type {};
