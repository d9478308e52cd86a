#include "k8sclient/base/file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

namespace k8s {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error reason(int error) {
  const boost::system::error_code code(error, boost::system::generic_category());
  return {code, code.message()};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return reason(errno);
  std::string bytes;
  char block[4096];
  while (const std::size_t size = std::fread(block, 1, sizeof block, file.get())) bytes.append(block, size);
  if (std::ferror(file.get())) return reason(errno);
  return bytes;
}

}  // namespace k8s
