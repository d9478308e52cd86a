#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace k8s {

// The text of a body. Texts that are no UTF-8 must not throw here: the server refuses the replacement just as well.
inline std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace k8s
