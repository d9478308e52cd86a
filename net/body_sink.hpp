#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"

namespace net {

// Takes body bytes as they arrive; the view is valid during the call only. An error ends the exchange with that error.
using BodySink = std::function<base::Result<void>(std::string_view)>;

}  // namespace net
