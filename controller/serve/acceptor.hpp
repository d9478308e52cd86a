#pragma once

#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "controller/config/settings.hpp"
#include "k8sclient/base/result.hpp"

namespace knm {

// A listening socket. Error: which address, why not, and the way out, which is the `key` of the configuration.
k8s::Result<boost::asio::ip::tcp::acceptor> open_acceptor(const boost::asio::any_io_executor& executor,
                                                          const ListenAddress& address, std::string_view key);

}  // namespace knm
