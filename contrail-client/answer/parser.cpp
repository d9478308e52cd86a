#include "contrail-client/answer/parser.hpp"

#include <utility>

namespace contrail::answer {
namespace {

// The beginning of the text on one line, for a message: enough to recognise a proxy's error page.
std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string line;
  for (const char c : text.substr(0, longest))
    line += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e ? ' ' : c;
  return text.size() > longest ? line + "…" : line;
}

boost::json::parse_options options() {
  boost::json::parse_options out;
  out.max_depth = Walker::max_nesting;
  return out;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

}  // namespace

Parser::Parser(Type type, Form form, Walker::Complete complete, Walker::Unfit unfit)
    : what_(form == Form::list ? "list of " : "answer with a "),
      top_(form == Form::list ? plural(type) : name(type)),
      json_(options(), type, form, std::move(complete), std::move(unfit)) {
  what_ += top_;
}

base::Result<void> Parser::feed(std::string_view bytes) {
  if (failed_) return *failed_;
  if (json_.done()) {
    if (is_blank(bytes)) return {};
    return fail(errc::not_json, "text after the end: " + excerpt(bytes));
  }
  if (bytes.empty()) return {};
  boost::json::error_code error;
  const auto used = json_.write_some(true, bytes.data(), bytes.size(), error);
  if (error) return explain(error, bytes.substr(std::min(used, bytes.size())));
  consumed_ += used;
  if (used < bytes.size() && !is_blank(bytes.substr(used)))
    return fail(errc::not_json, "text after the end: " + excerpt(bytes.substr(used)));
  return {};
}

base::Result<void> Parser::finish() {
  if (failed_) return *failed_;
  if (!json_.done()) {
    boost::json::error_code error;
    json_.write_some(false, nullptr, 0, error);
    if (error || !json_.done())
      return fail(errc::not_json,
                  consumed_ == 0 ? "the body is empty" : "cut short after " + std::to_string(consumed_) + " bytes");
  }
  if (json_.handler().seen()) return {};
  return fail(errc::wrong_shape, "has no member \"" + std::string{top_} + "\"");
}

base::Result<void> Parser::explain(const boost::json::error_code& error, std::string_view rest) {
  const auto& walker = json_.handler();
  if (!walker.complaint().empty()) return fail(walker.complaint_code(), walker.complaint());
  using boost::json::make_error_code;
  for (const auto limit :
       {boost::json::error::too_deep, boost::json::error::array_too_large, boost::json::error::object_too_large,
        boost::json::error::key_too_large, boost::json::error::string_too_large})
    if (error == make_error_code(limit)) return fail(errc::too_large, error.message());
  return fail(errc::not_json, error.message() + " near: " + excerpt(rest));
}

base::Result<void> Parser::fail(errc code, std::string message) {
  failed_ = base::Error{.code = code, .message = what_ + ": " + std::move(message)};
  return *failed_;
}

}  // namespace contrail::answer
