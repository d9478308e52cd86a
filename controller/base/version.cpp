#include "controller/base/version.hpp"

#include <boost/version.hpp>

#define KNM_TEXT_OF(number) #number
#define KNM_TEXT(number) KNM_TEXT_OF(number)
#if defined(__clang__)
#define KNM_COMPILER "clang " KNM_TEXT(__clang_major__) "." KNM_TEXT(__clang_minor__) "." KNM_TEXT(__clang_patchlevel__)
#else
#define KNM_COMPILER "gcc " KNM_TEXT(__GNUC__) "." KNM_TEXT(__GNUC_MINOR__) "." KNM_TEXT(__GNUC_PATCHLEVEL__)
#endif

namespace knm {

std::string_view version() { return KNM_VERSION; }

std::string_view compiler() { return KNM_COMPILER; }

std::string version_line() {
  constexpr int number = BOOST_VERSION;
  const auto boost = std::to_string(number / 100'000) + "." + std::to_string(number / 100 % 1'000) + "." +
                     std::to_string(number % 100);
  return "kube-network-manager " + std::string(version()) + ", " + std::string(compiler()) + ", Boost " + boost;
}

}  // namespace knm
