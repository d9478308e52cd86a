#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace knm::cni {

// The network namespace of a container, held open: it stays while this object is.
class NetworkNamespace {
 public:
  // errc::io_failure: there is no such file, or it is no network namespace.
  static base::Result<NetworkNamespace> open(const std::string& path);

  NetworkNamespace(NetworkNamespace&& other) noexcept;
  NetworkNamespace& operator=(NetworkNamespace&&) = delete;
  ~NetworkNamespace();

  // A path of it that other programs can open while this process runs: unlike its own path it has no blanks.
  std::string file() const;
  int descriptor() const { return fd_; }

 private:
  explicit NetworkNamespace(int fd) : fd_(fd) {}
  int fd_;
};

// Puts this thread, and the programs that it starts, into a network namespace, until destruction.
class InsideNamespace {
 public:
  // errc::io_failure: the kernel refuses it.
  static base::Result<InsideNamespace> enter(const NetworkNamespace& target);

  InsideNamespace(InsideNamespace&& other) noexcept;
  InsideNamespace& operator=(InsideNamespace&&) = delete;
  ~InsideNamespace();

 private:
  explicit InsideNamespace(int home) : home_(home) {}
  int home_;  // the namespace to return to; -1: moved from
};

// Whether the kernel leaves TX checksums of a device in this thread's namespace to the device (ethtool_value of
// ETHTOOL_GTXCSUM, linux/ethtool.h); errc::io_failure: there is no such device.
base::Result<bool> checksum_offload(const std::string& device);
// Switches it. With user-space datapaths it must be off: the device is none, and the receiver would drop the packets.
base::Result<void> set_checksum_offload(const std::string& device, bool on);

}  // namespace knm::cni
