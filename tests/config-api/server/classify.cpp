#include "tests/config-api/server/classify.hpp"

#include <algorithm>

#include "tests/config-api/core/schema.hpp"

namespace standin {
namespace {

bool is_reading_action(std::string_view name) {
  return name == "fqname-to-id" || name == "id-to-fqname" || name == "list-bulk-collection";
}

bool is_writing_action(std::string_view name) { return name == "ref-update" || name == "prop-collection-update"; }

std::string what_is(std::string_view segment) {
  if (segment.empty()) return "/";
  if (is_reading_action(segment) || is_writing_action(segment) || segment == "watch") return std::string(segment);
  const auto type = std::ranges::find_if(
      schema(), [&](const TypeInfo& info) { return info.name == segment || info.collection == segment; });
  return type == schema().end() ? "other" : type->name;
}

}  // namespace

Kind classify(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view rest = path.substr(std::min<std::size_t>(1, path.size()));
  const std::string_view segment = rest.substr(0, rest.find('/'));
  const bool changes = method == "POST" || method == "PUT" || method == "DELETE";
  return {changes && !is_reading_action(segment), what_is(segment)};
}

}  // namespace standin
