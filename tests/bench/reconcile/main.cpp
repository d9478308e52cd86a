#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/bench/reconcile/server.hpp"

// A Kubernetes API server that replays the history of a cluster for the benchmark of reconciliation. Prints its URL.
int main(int argc, char** argv) {
  using namespace knm::bench;
  CLI::App app("Replays the life of a cluster as an API server would show it.", "bench-apiserver");
  Shape shape;
  std::size_t at_start = 50;
  int endpoints_ms = 50;
  app.add_option("--pods", shape.pods, "In all")->capture_default_str();
  app.add_option("--pods-per-namespace", shape.pods_per_namespace)->capture_default_str();
  app.add_option("--at-start", at_start, "Pods of each namespace that are there at the start")->capture_default_str();
  app.add_option("--endpoints-ms", endpoints_ms, "How long changes of endpoints are gathered")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  boost::asio::io_context context(1);
  const Cluster cluster(shape);
  Replay replay(cluster, at_start);
  ReplayServer server(context, replay, std::chrono::milliseconds(endpoints_ms));
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&context](boost::system::error_code, int) { context.stop(); });
  server.start();
  std::cout << "listening on http://127.0.0.1:" << server.port() << std::endl;
  context.run();
  return EXIT_SUCCESS;
}
