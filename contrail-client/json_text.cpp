#include "contrail-client/json_text.hpp"

namespace contrail {
void append_name(std::string& out, const FqName& name) {
  out += '[';
  const std::string_view text{name};
  for (std::size_t start = 0;;) {
    const auto colon = text.find(':', start);
    append_json_string(out, text.substr(start, colon == text.npos ? text.npos : colon - start));
    if (colon == text.npos) break;
    out += ',';
    start = colon + 1;
  }
  out += ']';
}

}  // namespace contrail
