#include "net/proxy.hpp"

#include <cstdlib>
#include <utility>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/base64.hpp"
#include "net/errc.hpp"

namespace net {
namespace {

base::Error bad_proxy(const std::string& why) { return {errc::bad_url, "the proxy cannot be used: " + why}; }

// The first of two variables that is set.
std::string variable(const char* upper, const char* lower) {
  for (const char* name : {upper, lower})
    if (const char* value = std::getenv(name); value && *value) return value;
  return {};
}

}  // namespace

base::Result<Proxy> parse_proxy(std::string_view url) {
  Proxy proxy;
  proxy.url = url.find("://") == std::string_view::npos ? "http://" + std::string(url) : std::string(url);
  const auto scheme = proxy.url.substr(0, proxy.url.find("://"));
  for (const char* other : {"https", "socks4", "socks5", "socks5h"})
    if (scheme == other)
      return bad_proxy("only http:// proxies are supported, not " + scheme +
                       "://; use an http:// address of the proxy");
  const auto parsed = boost::urls::parse_uri(proxy.url);
  if (!parsed || parsed->scheme_id() != boost::urls::scheme::http)
    return bad_proxy("its URL must look like http://user:password@host:port");
  if (parsed->has_userinfo())
    proxy.authorization = "Basic " + base::encode_base64(parsed->user() + ":" + parsed->password());
  const std::string address(parsed->encoded_host_and_port().data(), parsed->encoded_host_and_port().size());
  const auto endpoint = parse_endpoint("http://" + address);
  if (!endpoint) return bad_proxy(endpoint.error().message);
  proxy.address = *endpoint;
  return proxy;
}

ProxyVariables ProxyVariables::from_environment() {
  return {variable("HTTP_PROXY", "http_proxy"), variable("HTTPS_PROXY", "https_proxy"),
          variable("NO_PROXY", "no_proxy")};
}

base::Result<std::optional<Proxy>> proxy_for(const Endpoint& server, const ProxyVariables& variables) {
  const auto& url = server.tls ? variables.https : variables.http;
  if (url.empty() || bypasses_proxy(variables.no_proxy, server.host, server.port)) return std::optional<Proxy>();
  auto proxy = parse_proxy(url);
  if (!proxy) return annotate(proxy.error(), server.tls ? "variable HTTPS_PROXY" : "variable HTTP_PROXY");
  return std::optional<Proxy>(std::move(*proxy));
}

}  // namespace net
