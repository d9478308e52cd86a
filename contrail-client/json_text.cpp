#include "contrail-client/json_text.hpp"

namespace contrail {
namespace {

bool must_be_escaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
    return;
  }
  const auto code = static_cast<unsigned char>(c);
  out.append("u00");
  out += hex[code >> 4];
  out += hex[code & 15];
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!must_be_escaped(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain, text.npos);
  out += '"';
}

void append_name(std::string& out, const FqName& name) {
  out += '[';
  const std::string_view text{name};
  for (std::size_t start = 0;;) {
    const auto colon = text.find(':', start);
    append_string(out, text.substr(start, colon == text.npos ? text.npos : colon - start));
    if (colon == text.npos) break;
    out += ',';
    start = colon + 1;
  }
  out += ']';
}

}  // namespace contrail
