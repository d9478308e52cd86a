// The cost of this library's informers, or of the transport below them: bench-informer --help. Prints JSON, a line for
// each phase (watching.hpp).
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "k8sclient/config/kubeconfig.hpp"
#include "tests/bench/informer/watching.hpp"

namespace {

int run(const std::string& kubeconfig, const knm::bench::Watching& what, bool transport_only) {
  const auto config = k8s::load_kubeconfig({kubeconfig});
  if (!config) return std::cerr << config.error().message << '\n', EXIT_FAILURE;
  boost::asio::io_context context(1);
  k8s::ClientOptions options;
  options.user_agent = "bench-informer";
  options.log = [](base::LogLevel, std::string_view message, const auto&) { std::cerr << message << '\n'; };
  const auto client = k8s::Client::create(context.get_executor(), *config, options);
  if (!client) return std::cerr << client.error().message << '\n', EXIT_FAILURE;
  auto work = transport_only ? knm::bench::discard_all(**client, what) : knm::bench::reflect_all(**client, what);
  boost::asio::co_spawn(context, std::move(work), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  try {
    context.run();
  } catch (const std::exception& failure) {
    return std::cerr << "bench-informer: " << failure.what() << '\n', EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What it costs to reflect Pods, Services, EndpointSlices and Namespaces.", "bench-informer");
  std::string kubeconfig;
  knm::bench::Watching what;
  bool transport_only = false;
  app.add_option("--kubeconfig", kubeconfig, "file")->required();
  app.add_option("--mode", what.mode, "how the first state comes")
      ->check(CLI::IsMember({"list", "pages", "stream"}))
      ->capture_default_str();
  app.add_option("--encoding", what.encoding)->check(CLI::IsMember({"protobuf", "json"}))->capture_default_str();
  app.add_option("--paced", what.paced, "paced changes of Pods to wait for")->capture_default_str();
  app.add_option("--burst", what.burst, "changes in a burst to wait for")->capture_default_str();
  app.add_flag("--transport-only", transport_only, "read the bodies of the first state, and discard them");
  CLI11_PARSE(app, argc, argv);
  if (what.mode == "pages" && transport_only)
    return std::cerr << "bench-informer: a transport alone has no pages\n", EXIT_FAILURE;
  return run(kubeconfig, what, transport_only);
}
