#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace knm {

struct RenderOptions {
  std::size_t width = 100;  // columns; no line is wider. Taken as 60 if less, as 120 if more: eyes lose longer lines
  bool colour = false;
  bool utf8 = true;   // false: ASCII only
  bool full = false;  // all that the state lists; otherwise long lists are cut, and say by how much
};

// The state that GET /state serves, as text that a person reads in a terminal: namespace by namespace the tiers and
// their pods, who may reach whom and why, the virtual addresses and who is behind them; then the networks in the config
// API, and what is out of sync, if anything is. Says nothing that the state does not say.
// Error: the text is not JSON, or not of the form that this program knows.
base::Result<std::string> render_report(std::string_view state, const RenderOptions& options = {});

}  // namespace knm
