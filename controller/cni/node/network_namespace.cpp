#include "controller/cni/node/network_namespace.hpp"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

base::Error failed(const std::string& what) { return {errc::io_failure, what + ": " + std::strerror(errno)}; }

// One ETHTOOL_* command that takes and returns one number.
base::Result<std::uint32_t> ethtool(const std::string& device, std::uint32_t command, std::uint32_t number) {
  const std::string what = "TX checksum offload of " + device;
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return failed(what);
  ethtool_value value{command, number};
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device.c_str());
  request.ifr_data = reinterpret_cast<char*>(&value);
  const bool done = ::ioctl(any, SIOCETHTOOL, &request) == 0;
  auto error = failed(what);
  ::close(any);
  if (!done) return error;
  return value.data;
}

}  // namespace

base::Result<NetworkNamespace> NetworkNamespace::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed("the network namespace " + path);
  if (::ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
    ::close(fd);
    return base::Error{errc::io_failure, path + " is no network namespace"};
  }
  return NetworkNamespace(fd);
}

NetworkNamespace::NetworkNamespace(NetworkNamespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

NetworkNamespace::~NetworkNamespace() {
  if (fd_ >= 0) ::close(fd_);
}

std::string NetworkNamespace::file() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_);
}

base::Result<InsideNamespace> InsideNamespace::enter(const NetworkNamespace& target) {
  const int home = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) return failed("the plugin's own network namespace");
  InsideNamespace inside(home);
  if (::setns(target.descriptor(), CLONE_NEWNET) != 0) return failed("entering the container's network namespace");
  return inside;
}

InsideNamespace::InsideNamespace(InsideNamespace&& other) noexcept : home_(std::exchange(other.home_, -1)) {}

InsideNamespace::~InsideNamespace() {
  if (home_ < 0) return;
  // To go on in the container's namespace would change the wrong devices.
  if (::setns(home_, CLONE_NEWNET) != 0) std::abort();
  ::close(home_);
}

base::Result<bool> checksum_offload(const std::string& device) {
  const auto value = ethtool(device, ETHTOOL_GTXCSUM, 0);
  if (!value) return value.error();
  return *value != 0;
}

base::Result<void> set_checksum_offload(const std::string& device, bool on) {
  const auto value = ethtool(device, ETHTOOL_STXCSUM, on ? 1 : 0);
  if (!value) return value.error();
  return {};
}

}  // namespace knm::cni
