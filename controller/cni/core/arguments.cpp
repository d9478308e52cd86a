#include "controller/cni/core/arguments.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

constexpr std::size_t interface_limit = 15;  // IFNAMSIZ without its zero

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

base::Error wrong_variable(const std::string& name, const std::string& why) {
  return {errc::bad_environment, name + " " + why};
}

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::optional<Command> command_of(std::string_view text) {
  constexpr std::pair<std::string_view, Command> commands[] = {
      {"ADD", Command::add},       {"DEL", Command::del}, {"CHECK", Command::check},
      {"STATUS", Command::status}, {"GC", Command::gc},   {"VERSION", Command::version}};
  for (const auto& [name, command] : commands)
    if (name == text) return command;
  return std::nullopt;
}

// "A=1;B=2". Of keys that are there twice the last counts.
Environment pairs_of(std::string_view text) {
  Environment pairs;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos)
      pairs[std::string(pair.substr(0, equals))] = std::string(pair.substr(equals + 1));
  }
  return pairs;
}

base::Result<void> check_attachment(const Arguments& arguments) {
  if (!is_container_id(arguments.attachment.container))
    return wrong_variable("CNI_CONTAINERID", "is not a container id");
  if (!is_interface_name(arguments.attachment.interface))
    return wrong_variable("CNI_IFNAME", "is not a name for an interface");
  if (arguments.netns.empty() && arguments.command != Command::del)
    return wrong_variable("CNI_NETNS", "is empty: it must be the path of the container's network namespace");
  const auto& [ns, name, uid] = arguments.pod;
  if (arguments.command == Command::add && (ns.empty() || name.empty() || uid.empty()))
    return wrong_variable("CNI_ARGS",
                          "must have K8S_POD_NAMESPACE, K8S_POD_NAME and K8S_POD_UID: the plugin attaches Pods of "
                          "Kubernetes only. A container runtime that leaves out K8S_POD_UID is too old");
  return {};
}

}  // namespace

bool is_container_id(const std::string& name) {
  return !name.empty() && is_alnum(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_interface_name(const std::string& name) {
  return !name.empty() && name.size() <= interface_limit && name != "." && name != ".." && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           constexpr std::string_view special = "/:#\"'\\";  // to the kernel, and to `ip -batch`
           return c > ' ' && c < 0x7f && special.find(c) == special.npos;
         });
}

base::Result<Arguments> read_arguments(const Environment& environment) {
  const auto command = command_of(variable(environment, "CNI_COMMAND"));
  if (!command) return wrong_variable("CNI_COMMAND", "must be ADD, DEL, CHECK, STATUS, GC or VERSION");
  const auto extra = pairs_of(variable(environment, "CNI_ARGS"));
  Arguments arguments{
      *command,
      {variable(environment, "CNI_CONTAINERID"), variable(environment, "CNI_IFNAME")},
      variable(environment, "CNI_NETNS"),
      {variable(extra, "K8S_POD_NAMESPACE"), variable(extra, "K8S_POD_NAME"), variable(extra, "K8S_POD_UID")}};
  if (*command == Command::add || *command == Command::del || *command == Command::check)
    if (const auto checked = check_attachment(arguments); !checked) return checked.error();
  return arguments;
}

}  // namespace knm::cni
