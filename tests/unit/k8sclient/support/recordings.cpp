#include "tests/unit/k8sclient/support/recordings.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace test {

std::string recording(const std::string& name) {
  std::ifstream in(std::string(K8S_RECORDINGS) + "/" + name, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || bytes.str().empty()) throw std::runtime_error("no recording " + name);
  return bytes.str();
}

}  // namespace test
