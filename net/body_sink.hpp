#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"

namespace net {

// Receives body bytes as they arrive; the view is valid only during the call. An error ends the exchange.
using BodySink = std::function<base::Result<void>(std::string_view)>;

}  // namespace net
