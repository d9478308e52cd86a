#include "controller/cni/operations.hpp"

#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "controller/cni/core/attachment.hpp"
#include "controller/cni/core/errc.hpp"
#include "controller/cni/core/network_config.hpp"
#include "controller/cni/core/plan.hpp"
#include "controller/cni/node/network_namespace.hpp"
#include "controller/cni/node/node.hpp"
#include "controller/cni/node/pod_source.hpp"
#include "k8sclient/api/dump.hpp"

namespace knm::cni {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using Text = base::Result<std::string>;  // a result; empty: nothing to print

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const auto& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

// Runs a coroutine to its end.
template <class T>
T run(asio::awaitable<T> operation) {
  asio::io_context context(1);
  auto outcome = asio::co_spawn(context, std::move(operation), asio::use_future);
  context.run();
  return outcome.get();
}

// Brings what is there to the attachment, and looks again: ADD succeeds only if CHECK would.
base::Result<void> converge(const Node& node, const Attachment& attachment, const NetworkNamespace& netns) {
  auto observed = node.observe(attachment, netns);
  if (!observed) return observed.error();
  const auto steps = plan(attachment, *observed);
  if (!steps) return steps.error();
  for (const auto& step : *steps)
    if (auto done = node.apply(step, attachment, netns); !done) return done;
  if (steps->empty()) return {};
  observed = node.observe(attachment, netns);
  if (!observed) return observed.error();
  const auto faults = faults_of(attachment, *observed);
  if (faults.empty()) return {};
  return base::Error{errc::io_failure, "every step is done, and this is still wrong: " + joined(faults)};
}

Text add(const NetworkConfig& config, const Arguments& arguments) {
  // First what fails at once.
  const auto netns = NetworkNamespace::open(arguments.netns);
  if (!netns) return netns.error();
  const auto state = run(await_pod_state(config, arguments.pod));
  if (!state) return state.error();
  const auto attachment = attachment_of(config, arguments, *state);
  if (!attachment) return attachment.error();
  const Node node(config);
  if (const auto done = converge(node, *attachment, *netns); !done) return done.error();
  if (config.wait_for_flows)
    if (const auto installed = node.await_flows_of(attachment->device); !installed) return installed.error();
  return render_result(*attachment, arguments.netns, config.version);
}

// Needs neither the namespace nor the Pod: both may be gone.
Text del(const NetworkConfig& config, const Arguments& arguments) {
  const auto done = Node(config).remove({device_of(config.name, arguments.attachment)});
  if (!done) return done.error();
  return std::string();
}

Text check(const NetworkConfig& config, const Arguments& arguments) {
  const auto attachment = attachment_of_result(config, arguments);
  if (!attachment) return attachment.error();
  const auto netns = NetworkNamespace::open(arguments.netns);
  if (!netns) return netns.error();
  const auto observed = Node(config).observe(*attachment, *netns);
  if (!observed) return observed.error();
  const auto faults = faults_of(*attachment, *observed);
  if (!faults.empty()) return base::Error{errc::not_as_added, joined(faults)};
  return std::string();
}

Text status(const NetworkConfig& config) {
  std::vector<std::string> lacks;
  if (const auto api = run(check_api_server(config)); !api) lacks.push_back(api.error().message);
  if (const auto bridge = Node(config).check_bridge(); !bridge) lacks.push_back(bridge.error().message);
  if (!lacks.empty()) return base::Error{errc::not_available, joined(lacks)};
  return std::string();
}

Text gc(const NetworkConfig& config) {
  const Node node(config);
  const auto ports = node.ports();
  if (!ports) return ports.error();
  const auto stale = stale_ports(config.name, *ports, *config.valid_attachments);
  if (const auto done = node.remove(stale); !done) return done.error();
  return std::string();
}

Text dispatch(const Arguments& arguments, const std::string& input) {
  if (arguments.command == Command::version)
    return json{{"cniVersion", text_of(version_of(input))}, {"supportedVersions", json(version_texts)}}.dump();
  const auto config = read_network_config(input, arguments.command);
  if (!config) return config.error();
  switch (arguments.command) {
    case Command::add:
      return add(*config, arguments);
    case Command::del:
      return del(*config, arguments);
    case Command::check:
      return check(*config, arguments);
    case Command::status:
      return status(*config);
    default:
      return gc(*config);
  }
}

// Codes of other libraries never leave the plugin.
Answer failure(const base::Error& error, Version version) {
  const auto code = error.code.category() == error_category() ? error.code : make_error_code(errc::io_failure);
  return {1, k8s::dump({{"cniVersion", text_of(version)},
                        {"code", code.value()},
                        {"msg", code.message()},
                        {"details", error.message}})};
}

}  // namespace

Answer carry_out(const Environment& environment, const std::string& input) try {
  const auto arguments = read_arguments(environment);
  if (!arguments) return failure(arguments.error(), version_of(input));
  auto text = dispatch(*arguments, input);
  if (!text) return failure(text.error(), version_of(input));
  return {0, std::move(*text)};
} catch (const std::exception& bug) {
  return failure({errc::io_failure, bug.what()}, version_of(input));
}

}  // namespace knm::cni
