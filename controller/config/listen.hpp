#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// `:9402` (all addresses), `127.0.0.1:9402`, `[::1]:9402`, `localhost:9402`; port 0 takes a free one. Names other than
// localhost are refused: what one listens on should not depend on a name server.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

// As it is written in the configuration.
std::string text(const ListenAddress& address);

}  // namespace knm
