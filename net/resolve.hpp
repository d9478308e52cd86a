#pragma once

#include <chrono>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace net {

// The addresses of an endpoint's host, with its port, in the order of the system's resolver. Errors:
// errc::resolve_failed, errc::timed_out, errc::cancelled.
boost::asio::awaitable<base::Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
    boost::asio::any_io_executor executor, Endpoint endpoint, std::chrono::steady_clock::time_point deadline);

}  // namespace net
