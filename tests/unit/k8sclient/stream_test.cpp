#include "net/stream.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <filesystem>

#include <boost/asio/io_context.hpp>

#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// The descriptor of this process that is connected to a port; -1: there is none.
int connected_to(std::uint16_t port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
        ntohs(peer.sin_port) == port)
      return fd;
  }
  return -1;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

// The kernel notices it: a test that waits for it would need a network that loses packets.
TEST(StreamTest, APeerThatIsGoneIsNoticedWithin45Seconds) {
  asio::io_context context;
  test::ScriptedServer server(context, {{test::Stall{}}});
  Stream stream(context.get_executor());
  ASSERT_TRUE(test::run(
      context, stream.connect(parse_endpoint(server.url()).value(), nullptr, std::chrono::steady_clock::now() + 10s)));
  const int fd = connected_to(server.port());
  ASSERT_GE(fd, 0);
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  const int idle = option(fd, IPPROTO_TCP, TCP_KEEPIDLE);
  const int probes = option(fd, IPPROTO_TCP, TCP_KEEPCNT) * option(fd, IPPROTO_TCP, TCP_KEEPINTVL);
  EXPECT_GT(idle, 0);
  EXPECT_GT(probes, 0);
  EXPECT_LE(idle + probes, 45);
  EXPECT_GT(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_LE(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 45'000);
}

}  // namespace
}  // namespace net
