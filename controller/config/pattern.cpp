#include "controller/config/pattern.hpp"

#include <re2/re2.h>

#include "controller/config/error.hpp"

namespace knm {
namespace {

// The memory limit of one compiled expression; RE2 refuses larger ones.
constexpr std::int64_t memory_limit = 1 << 20;

}  // namespace

base::Result<Pattern> Pattern::compile(std::string_view expression) {
  if (expression.empty()) return base::Error{ConfigErrc::invalid, "is empty, so it would match every network"};
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory_limit);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (!compiled->ok()) return base::Error{ConfigErrc::invalid, compiled->error()};
  Pattern pattern;
  pattern.text_ = expression;
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

Pattern Pattern::everything() { return compile(".*").value(); }

bool Pattern::matches(std::string_view text) const {
  return compiled_ && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace knm
