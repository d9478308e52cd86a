#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"

namespace test {

// Keeps what is logged, as "warning: the message key=value".
class LogLines {
 public:
  base::Log log() {
    return [lines = lines_](base::LogLevel level, std::string_view message, const std::vector<base::LogField>& fields) {
      static constexpr const char* names[] = {"debug: ", "info: ", "warning: ", "error: "};
      std::string line = names[static_cast<int>(level)];
      line += message;
      for (const auto& field : fields) line += " " + std::string(field.key) + "=" + field.value;
      lines->push_back(std::move(line));
    };
  }
  const std::vector<std::string>& lines() const { return *lines_; }
  std::string text() const {
    std::string all;
    for (const auto& line : *lines_) all += line + "\n";
    return all;
  }
  void clear() { lines_->clear(); }

 private:
  std::shared_ptr<std::vector<std::string>> lines_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace test
