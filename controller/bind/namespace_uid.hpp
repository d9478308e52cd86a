#pragma once

#include <string_view>

#include "controller/intent/intent.hpp"

namespace knm {

// The UID of a Namespace; empty: it does not exist.
inline std::string_view uid_of_namespace(const Intent& intent, std::string_view ns) {
  const auto* facts = intent.ns(ns);
  return facts ? std::string_view(facts->uid) : std::string_view();
}

}  // namespace knm
