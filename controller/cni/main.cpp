#include <unistd.h>

#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "controller/base/version.hpp"
#include "controller/cni/operations.hpp"

namespace {

constexpr std::string_view help = R"(contrail-cni attaches the containers of Pods to their networks (CNI 1.1).

The container runtime runs it: put it into the runtime's folder of plugins (/opt/cni/bin), and a network configuration
into /etc/cni/net.d:

  {"cniVersion": "1.1.0", "name": "contrail", "plugins": [
    {"type": "contrail-cni", "kubeconfig": "/etc/kubernetes/kubelet.conf", "bridge": "br-int"}]}

By hand:

  CNI_COMMAND=VERSION contrail-cni </dev/null                  the versions of CNI that it knows
  CNI_COMMAND=STATUS contrail-cni <configuration-of-the-plugin  whether it could attach a container now
  contrail-cni --version | --help

It needs the programs `ip` (iproute2) and `ovs-vsctl` (Open vSwitch), and root. docs/cni.md has the keys of the
configuration, the rights that it needs, and what its errors mean.
)";

knm::cni::Environment cni_variables() {
  knm::cni::Environment variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with("CNI_") && equals != std::string_view::npos)
      variables[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
  }
  return variables;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--version") return std::cout << "contrail-cni " << knm::version() << '\n', 0;
  const auto variables = cni_variables();
  if (first == "--help" || !variables.contains("CNI_COMMAND")) return std::cout << help, first == "--help" ? 0 : 2;
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const auto answer = knm::cni::carry_out(variables, input);
  std::cout << answer.text << (answer.text.empty() ? "" : "\n") << std::flush;
  return answer.exit_code;
}
