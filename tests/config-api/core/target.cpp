#include "tests/config-api/core/target.hpp"

#include <algorithm>
#include <cctype>

namespace standin {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// A stray % stays as it is, as in Python's unquote.
std::string decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace

bool Target::has(std::string_view name) const { return value(name).has_value(); }

std::optional<std::string> Target::value(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return found == query.end() ? std::nullopt : std::optional(found->second);
}

Target parse_target(std::string_view text) {
  Target target;
  const auto question = text.find('?');
  for (const std::string& segment : split_list(text.substr(0, question), '/')) {
    target.path.push_back(decode(segment, false));
  }
  if (question == std::string_view::npos) return target;
  for (const std::string& pair : split_list(text.substr(question + 1), '&')) {
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view rest = std::string_view(pair).substr(equals);
    target.query.emplace_back(decode(pair.substr(0, equals), true), decode(rest.substr(rest.empty() ? 0 : 1), true));
  }
  return target;
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace standin
