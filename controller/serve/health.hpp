#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/serve/routes.hpp"

namespace knm {

// The checks behind /livez, /readyz and /healthz, answered as Kubernetes components do: 200 `ok`, or 503 and the list
// of checks; the list also with `?verbose`, without the checks named by `?exclude=name`.
class Health {
 public:
  // What is wrong now, in a few words; nullopt: all is well.
  using Check = std::function<std::optional<std::string>()>;
  enum class Probe : std::uint8_t { live, ready };

  // Live: a restart would help. Ready: may be counted on; a program that is not live is not asked whether it is ready.
  void add(Probe probe, std::string name, Check check);

  HttpReply answer(Probe probe, const HttpRequest& request) const;

  // Adds /livez, /readyz, and /healthz with the checks of /livez. This object must outlive the routes.
  void serve(Routes& routes) const;

 private:
  struct Entry {
    Probe probe;
    std::string name;
    Check check;
  };
  std::vector<Entry> entries_;
};

}  // namespace knm
