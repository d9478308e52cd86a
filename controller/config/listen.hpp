#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// `:9402` (all addresses), `127.0.0.1:9402`, `[::1]:9402`, `localhost:9402`; port 0: a free one. Other names than
// localhost are refused: the listening address should not depend on a name server.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

// The text of an address, as in the configuration.
std::string text(const ListenAddress& address);

}  // namespace knm
