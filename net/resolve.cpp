#include "net/resolve.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/as_result.hpp"
#include "net/errc.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// A resolver's answer, which may arrive when it is no longer awaited: getaddrinfo() cannot be interrupted.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  std::optional<error_code> error;
  tcp::resolver::results_type results;
};

void start_lookup(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
  lookup->resolver.async_resolve(host, "", tcp::resolver::numeric_service | tcp::resolver::address_configured,
                                 [lookup](error_code ec, tcp::resolver::results_type results) {
                                   lookup->error = ec;
                                   lookup->results = std::move(results);
                                   lookup->done.cancel();
                                 });
}

}  // namespace

asio::awaitable<base::Result<std::vector<tcp::endpoint>>> resolve(asio::any_io_executor executor, Endpoint endpoint,
                                                                  std::chrono::steady_clock::time_point deadline) {
  error_code ec;
  const auto address = asio::ip::make_address(endpoint.host, ec);
  if (!ec) co_return std::vector{tcp::endpoint(address, endpoint.port)};

  const std::string what = "resolving '" + endpoint.host + "'";
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->done.expires_at(deadline);
  start_lookup(lookup, endpoint.host);
  co_await lookup->done.async_wait(as_result);
  if (!lookup->error) {
    lookup->resolver.cancel();  // a lookup that has not begun must not delay the next ones
    const bool late = std::chrono::steady_clock::now() >= deadline;
    co_return base::Error{late ? errc::timed_out : errc::cancelled, what + (late ? ": timed out" : ": cancelled")};
  }
  if (*lookup->error)
    co_return base::Error{errc::resolve_failed, what + ": " + lookup->error->message() +
                                                    "; check the name in the URL and the DNS of this machine"};
  std::vector<tcp::endpoint> found;
  for (const auto& entry : lookup->results) found.emplace_back(entry.endpoint().address(), endpoint.port);
  co_return found;
}

}  // namespace net
