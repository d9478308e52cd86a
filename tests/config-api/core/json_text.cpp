#include "tests/config-api/core/json_text.hpp"

namespace standin {
namespace {

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) append_escaped(out, c);
  out += '"';
}

void append_quoted(std::string& out, const std::vector<std::string>& texts) {
  ListText list(out);
  for (const std::string& text : texts) append_quoted(list.element(), text);
}

std::string& ObjectText::member(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  append_quoted(out_, name);
  out_ += ':';
  return out_;
}

std::string& ListText::element() {
  if (!first_) out_ += ',';
  first_ = false;
  return out_;
}

}  // namespace standin
