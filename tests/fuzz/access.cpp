// Ways to an API server: the output of credential plugins, URLs and exceptions of proxies, and answers of proxies.
#include <iterator>
#include <string>

#include "k8sclient/client/exec_credential.hpp"
#include "net/proxy.hpp"
#include "net/tunnel.hpp"
#include "tests/fuzz/input.hpp"

namespace {

void read_credential(const std::string& output) {
  const auto credential = k8s::parse_exec_credential(output, "client.authentication.k8s.io/v1");
  if (!credential) return fuzz::check(!credential.error().message.empty());
  fuzz::check(!credential->token.empty() || !credential->cert.empty());
  fuzz::check(credential->cert.empty() == credential->key.empty());
  fuzz::check(credential->token.find_first_of(" \t\r\n") == std::string::npos);
}

void read_proxy(const std::string& url) {
  const auto proxy = net::parse_proxy(url);
  if (!proxy) return fuzz::check(!proxy.error().message.empty());
  fuzz::check(!proxy->address.host.empty() && proxy->address.port != 0 && !proxy->address.tls);
  fuzz::check(proxy->authorization.find_first_of("\r\n") == std::string::npos);
}

// "NO_PROXY|host".
void judge_host(const std::string& input) {
  const auto bar = input.find('|');
  const auto no_proxy = input.substr(0, bar);
  const auto host = bar == std::string::npos ? std::string() : input.substr(bar + 1);
  if (net::bypasses_proxy(no_proxy, host, 6443)) fuzz::check(net::bypasses_proxy(no_proxy + ",a.org", host, 6443));
  fuzz::check(net::bypasses_proxy(no_proxy + ",*", host, 6443));
}

void judge_answer(const std::string& answer) {
  static const net::Endpoint server{true, "api.example", 6443, ""};
  static const net::Proxy proxy = net::parse_proxy("http://proxy:3128").value();
  const auto open = net::is_tunnel_open(answer, server, proxy);
  if (!open) return fuzz::check(!open.error().message.empty());
  if (*open) fuzz::check(answer.size() >= 4 && answer.compare(answer.size() - 4, 4, "\r\n\r\n") == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  constexpr void (*targets[])(const std::string&) = {read_credential, read_proxy, judge_host, judge_answer};
  targets[fuzz::take_choice(input) % std::size(targets)](std::string(input));
  return 0;
}
