#pragma once

#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// A listening socket. Error: the address, the reason and the way out, which is the `key` of the configuration.
base::Result<boost::asio::ip::tcp::acceptor> open_acceptor(const boost::asio::any_io_executor& executor,
                                                           const ListenAddress& address, std::string_view key);

}  // namespace knm
