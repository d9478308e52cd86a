#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace k8s {

// The text of a body. Invalid UTF-8 is replaced instead of throwing: the server refuses the request in either case.
inline std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace k8s
