#include "net/endpoint.hpp"

#include <charconv>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "net/errc.hpp"

namespace net {
namespace {

constexpr std::uint16_t default_port(bool tls) { return tls ? 443 : 80; }

// 0: not a port. (Boost.URL's own port_number() wraps around.)
std::uint16_t port_number(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() ? port : 0;
}

base::Error bad_url(std::string_view url, const std::string& why) {
  return {errc::bad_url, "the URL '" + std::string(url) + "' cannot be used: " + why};
}

}  // namespace

std::string Endpoint::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(tls) ? name : name + ":" + std::to_string(port);
}

std::string Endpoint::url() const { return (tls ? "https://" : "http://") + authority() + base_path; }

base::Result<Endpoint> parse_endpoint(std::string_view text) {
  // Before anything else, so that no message below can show a password.
  const auto authority_end =
      text.find_first_of("/?#", text.find("://") == std::string_view::npos ? 0 : text.find("://") + 3);
  if (text.substr(0, authority_end).find('@') != std::string_view::npos)
    return base::Error{errc::bad_url, "the URL has a user name or password; remove the part before '@'"};
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return bad_url(text, "it must look like https://host:port");
  const auto& url = *parsed;
  if (url.scheme_id() != boost::urls::scheme::https && url.scheme_id() != boost::urls::scheme::http)
    return bad_url(text, "its scheme must be https or http");
  if (url.has_query() || url.has_fragment())
    return bad_url(text, "it must end with the path ('?' and '#' are not allowed)");

  Endpoint endpoint;
  endpoint.tls = url.scheme_id() == boost::urls::scheme::https;
  endpoint.host = url.host_type() == boost::urls::host_type::ipv6 ? url.host_ipv6_address().to_string() : url.host();
  if (endpoint.host.empty()) return bad_url(text, "it has no host");
  const std::string_view port(url.port().data(), url.port().size());
  endpoint.port = port.empty() ? default_port(endpoint.tls) : port_number(port);
  if (endpoint.port == 0) return bad_url(text, "the port must be 1 to 65535");
  endpoint.base_path = url.encoded_path();
  // Boost.URL 1.81 parses "h:12x" as port 12 and path "x".
  if (!endpoint.base_path.empty() && endpoint.base_path.front() != '/')
    return bad_url(text, "it must look like https://host:port");
  while (!endpoint.base_path.empty() && endpoint.base_path.back() == '/') endpoint.base_path.pop_back();
  return endpoint;
}

}  // namespace net
