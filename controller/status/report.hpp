#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace knm {

struct RenderOptions {
  std::size_t width = 100;  // columns; no line is wider. At least 60 and at most 120: longer lines are hard to read
  bool colour = false;
  bool utf8 = true;   // false: ASCII only
  bool full = false;  // shows all that the state lists; otherwise long lists are cut, with the number of the others
};

// Renders the state of GET /state as text for a terminal: for each Namespace the tiers and their Pods, the access
// between them and its reasons, the virtual addresses and their backends; then the networks in the config API, and the
// entries that are out of sync. Contains nothing that the state lacks. Error: the text is not JSON, or not in the
// format of this program.
base::Result<std::string> render_report(std::string_view state, const RenderOptions& options = {});

}  // namespace knm
