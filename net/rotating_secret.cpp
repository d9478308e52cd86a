#include "net/rotating_secret.hpp"

#include <chrono>
#include <utility>

#include "base/file.hpp"
#include "net/errc.hpp"

namespace net {

RotatingSecret::RotatingSecret(std::string what, std::string file, Form form, const base::Clock& clock, base::Log log,
                               std::string initial)
    : what_(std::move(what)),
      file_(std::move(file)),
      form_(form),
      clock_(clock),
      log_(std::move(log)),
      secret_(std::move(initial)) {}

base::Result<std::string> RotatingSecret::current() {
  constexpr std::chrono::minutes max_age{1};
  if (!suspected_ && clock_.now() - read_at_ < max_age) return secret_;
  auto fresh = read();
  if (!fresh && secret_.empty()) return fresh;
  const auto problem = fresh ? std::string() : fresh.error().message;
  if (!problem.empty() && problem != problem_)
    write_log(log_, base::LogLevel::warning, problem + "; the last good content stays in use");
  problem_ = problem;
  if (fresh) secret_ = std::move(*fresh);
  read_at_ = clock_.now();
  suspected_ = false;
  return secret_;
}

base::Result<std::string> RotatingSecret::read() const {
  const auto failure = [&](const std::string& why) {
    return base::Error{errc::bad_secret, "the " + what_ + " " + file_ + " cannot be used: " + why};
  };
  const auto text = base::read_file(file_);
  if (!text) return failure(text.error().message);
  std::string secret = *text;
  secret.erase(secret.find_last_not_of(form_ == Form::word ? " \t\r\n" : "\r\n") + 1);
  if (secret.empty()) return failure("it is empty");
  if (secret.find_first_of(std::string("\r\n\0", 3)) != std::string::npos) return failure("it has more than one line");
  if (form_ == Form::word && secret.find_first_of(" \t") != std::string::npos)
    return failure("it has more than one word");
  return secret;
}

}  // namespace net
