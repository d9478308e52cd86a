#include "k8sclient/client/credentials.hpp"

#include <utility>

#include "k8sclient/api/errc.hpp"

namespace k8s {

Credentials::Credentials(std::string token, const std::string& token_file, const base::Clock& clock, base::Log log)
    : token_(std::move(token)) {
  if (!token_file.empty())
    file_.emplace("token file", token_file, net::RotatingSecret::Form::word, clock, std::move(log), token_);
}

base::Result<std::string> Credentials::authorization() {
  if (file_) {
    auto token = file_->current();
    if (!token) return base::Error{errc::bad_credentials, token.error().message};
    token_ = std::move(*token);
  }
  return token_.empty() ? std::string() : "Bearer " + token_;
}

void Credentials::refused() {
  if (file_) file_->suspect();
}

}  // namespace k8s
