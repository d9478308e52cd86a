// Serves recorded bodies of an API server to the informer benchmark: bench-replay FOLDER. Prints its address when it
// listens, and ends by SIGTERM.
#include <cstdlib>
#include <exception>
#include <iostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/bench/informer/replay/server.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: bench-replay FOLDER\n", EXIT_FAILURE;
  try {
    const knm::bench::Recording recording(argv[1]);
    boost::asio::io_context context(1);
    knm::bench::ReplayServer server(context, recording);
    server.start();
    boost::asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&context](auto, auto) { context.stop(); });
    std::cout << "listening on http://127.0.0.1:" << server.port() << std::endl;
    context.run();
  } catch (const std::exception& failure) {
    return std::cerr << "bench-replay: " << failure.what() << '\n', EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
