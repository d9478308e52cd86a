#include "controller/config/error.hpp"

#include <string>

namespace knm {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "knm.config"; }
  std::string message(int code) const override {
    switch (static_cast<ConfigErrc>(code)) {
      case ConfigErrc::unreadable:
        return "the configuration cannot be read";
      case ConfigErrc::invalid:
        return "the configuration is refused";
    }
    return "unknown configuration error";
  }
};

}  // namespace

const boost::system::error_category& config_category() noexcept {
  static const Category category;
  return category;
}

boost::system::error_code make_error_code(ConfigErrc code) noexcept {
  return {static_cast<int>(code), config_category()};
}

}  // namespace knm
