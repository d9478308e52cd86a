#include "tests/unit/status/golden.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace knm::test {

std::string golden(const std::string& name, const std::string& actual) {
  const auto path = std::string(GOLDEN_FOLDER) + "/" + name;
  if (std::getenv("KNM_UPDATE_GOLDEN")) std::ofstream(path) << actual;
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace knm::test
