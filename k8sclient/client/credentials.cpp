#include "k8sclient/client/credentials.hpp"

#include <utility>

#include "base/file.hpp"
#include "k8sclient/api/errc.hpp"

namespace k8s {

Credentials::Credentials(std::string token, std::string token_file, const base::Clock& clock, base::Log log)
    : token_(std::move(token)), file_(std::move(token_file)), clock_(clock), log_(std::move(log)) {}

base::Result<std::string> Credentials::authorization() {
  constexpr std::chrono::minutes max_age{1};
  if (!file_.empty() && (stale_ || clock_.now() - read_at_ >= max_age)) {
    auto fresh = read_token();
    if (!fresh && token_.empty()) return fresh;
    const auto problem = fresh ? std::string() : fresh.error().message;
    if (!problem.empty() && problem != problem_)
      write_log(log_, base::LogLevel::warning, problem + "; the last good token stays in use");
    problem_ = problem;
    if (fresh) token_ = std::move(*fresh);
    read_at_ = clock_.now();
    stale_ = false;
  }
  return token_.empty() ? std::string() : "Bearer " + token_;
}

void Credentials::refused() { stale_ = true; }

base::Result<std::string> Credentials::read_token() const {
  const auto failure = [&](const std::string& why) {
    return base::Error{errc::bad_credentials, "the token file " + file_ + " cannot be used: " + why};
  };
  const auto text = base::read_file(file_);
  if (!text) return failure(text.error().message);
  std::string token = *text;
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  if (token.empty()) return failure("it is empty");
  if (token.find_first_of("\r\n\t ") != std::string::npos) return failure("it has more than one word");
  return token;
}

}  // namespace k8s
