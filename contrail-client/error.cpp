#include "contrail-client/error.hpp"

namespace contrail {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "contrail"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::not_json:
        return "the answer is not JSON";
      case errc::wrong_shape:
        return "the answer is not what the config API answers";
      case errc::too_large:
        return "the answer is too large";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& error_category() {
  static const Category category;
  return category;
}

}  // namespace contrail
