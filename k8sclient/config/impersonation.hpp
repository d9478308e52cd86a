#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/http.hpp"

namespace k8s {

// Another user in whose name requests are made
// (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/). The own user needs the right to
// impersonate.
struct Impersonation {
  std::string user{};  // empty: no impersonation, and all others are empty, too
  std::string uid{};
  std::vector<std::string> groups{};
  std::vector<std::pair<std::string, std::vector<std::string>>> extra{};
};

// The fields of a request. Keys of `extra` are percent-encoded where a field's name must not have the character.
net::Headers impersonation_fields(const Impersonation& other);

}  // namespace k8s
