#pragma once

#include <functional>
#include <string_view>

#include "k8sclient/base/result.hpp"

namespace k8s::net {

// Takes body bytes as they arrive; the view is valid during the call only. An error ends the exchange with that error.
using BodySink = std::function<Result<void>(std::string_view)>;

}  // namespace k8s::net
