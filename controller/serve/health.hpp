#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/serve/routes.hpp"

namespace knm {

// The checks of /livez, /readyz and /healthz, with answers like those of Kubernetes components: 200 `ok`, or 503 and
// the list of checks; also the list with `?verbose`, without the checks in `?exclude=name`.
class Health {
 public:
  // What is wrong now, in a few words that everybody may read: no names, nothing that a server said. nullopt: nothing.
  using Check = std::function<std::optional<std::string>()>;
  enum class Probe : std::uint8_t { live, ready };

  // Live: if it fails, a restart helps. Ready: the program does its work; this is checked only if it is live.
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
