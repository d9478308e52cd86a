#pragma once

#include "tests/property/checks.hpp"
#include "tests/support/guestbook.hpp"

namespace knm::test {

// demo_settings() for the controller and for the oracle.
inline Configuration demo_setup() {
  Configuration out;
  out.settings = demo_settings();
  out.oracle.public_ranges = {"192.0.2.0/24"};
  out.oracle.cluster_services = {{"kube-system", "default"}};
  return out;
}

}  // namespace knm::test
