#include <csignal>
#include <exception>
#include <iostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/config-api/server/options.hpp"
#include "tests/config-api/server/server.hpp"
#include "tests/config-api/server/service.hpp"

namespace {

void announce(const standin::Server& server) {
  if (!server.control_url().empty()) std::cout << "control on " << server.control_url() << '\n';
  std::cout << "listening on " << server.url() << std::endl;
}

int run(const standin::Options& options) {
  boost::asio::io_context context(1);
  standin::Service service(options);
  service.on_freeze = [] { std::cout << "frozen: nothing is answered until POST /_control/thaw" << std::endl; };
  standin::Server server(context, options, service);
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&server](boost::system::error_code error, int) {
    if (!error) server.stop();
  });
  server.start();
  announce(server);
  context.run();
  service.save();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const standin::ParsedOptions parsed = standin::parse_options(argc, argv);
  if (!parsed.options) return parsed.exit_status;
  try {
    return run(*parsed.options);
  } catch (const std::exception& error) {
    std::cerr << "contrail-config-api: " << error.what() << '\n';
    return 1;
  }
}
