#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.hpp"

namespace base {
namespace {

Error reason(int error) {
  const boost::system::error_code code(error, boost::system::generic_category());
  return {code, code.message()};
}

Error reason(int error, std::string text) {
  return {boost::system::error_code(error, boost::system::generic_category()), std::move(text)};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  // Non-blocking: otherwise the open of a pipe without a writer would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return reason(errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return reason(errno);
  if (S_ISDIR(status.st_mode)) return reason(EISDIR);
  if (!S_ISREG(status.st_mode)) return reason(EINVAL, "it is not a regular file");
  std::string bytes;
  char block[4096];
  for (;;) {
    const auto size = ::read(file.get(), block, sizeof block);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return reason(errno);
    if (size == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(size));
    if (bytes.size() > max_bytes)
      return reason(EFBIG, "it has more than " + std::to_string(max_bytes) + " bytes; check the path");
  }
}

}  // namespace base
