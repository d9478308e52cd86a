#include "tests/config-api/core/body.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

namespace standin {
namespace {

using nlohmann::json;

/// The real server's parser gives up at about a thousand nested brackets; ours must, before its recursion ends the
/// program.
constexpr int kGreatestDepth = 500;

bool is_too_deep(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kGreatestDepth) return true;
  }
  return false;
}

/// What XML 1.0 does not allow in text, and the separator of fq_names.
bool is_refused_in_names(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == ':' || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

std::optional<std::string> stored_map(const PropertyInfo& property, const json& value) {
  const auto entries = value.find(property.member);
  if (entries == value.end() || !entries->is_array()) return std::nullopt;
  std::map<std::string, const json*> by_key;
  for (const json& entry : *entries) {
    const std::string* key = text_of(entry, "key");
    if (key != nullptr) by_key[*key] = &entry;
  }
  if (by_key.empty()) return std::nullopt;
  json sorted = json::array();
  for (const auto& [key, entry] : by_key) sorted.push_back(*entry);
  return json{{property.member, std::move(sorted)}}.dump();
}

std::optional<std::string> stored_list(const PropertyInfo& property, const json& value) {
  const auto entries = value.find(property.member);
  if (entries == value.end() || !entries->is_array() || entries->empty()) return std::nullopt;
  return json{{property.member, *entries}}.dump();
}

}  // namespace

const std::string* text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

Outcome<json> read_body(const std::string& body) {
  if (is_too_deep(body)) return Refusal{500, "the request's body is nested too deeply"};
  json parsed = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return Refusal{500, "the request's body is no JSON object"};
  return parsed;
}

Outcome<json> read_wrapped(const std::string& body, const std::string& wrapper) {
  auto parsed = read_body(body);
  if (!parsed) return parsed.error();
  const auto inner = parsed->find(wrapper);
  if (inner == parsed->end() || !inner->is_object()) return Refusal{500, "the request's body has no object " + wrapper};
  return json(std::move(*inner));
}

std::optional<Refusal> check_properties(const TypeInfo& type, const json& body) {
  for (const auto& [name, value] : body.items()) {
    const PropertyInfo* property = type.property(name);
    if (property == nullptr) continue;
    if (auto fault = find_fault(property->shape, value, name)) return Refusal{400, *fault};
  }
  return std::nullopt;
}

std::optional<std::string> stored_form(const PropertyInfo& property, const json& value) {
  if (value.is_null()) return std::nullopt;
  switch (property.kind) {
    case PropertyInfo::Kind::plain:
      return value.dump();
    case PropertyInfo::Kind::map:
      return stored_map(property, value);
    case PropertyInfo::Kind::list:
      return stored_list(property, value);
  }
  return std::nullopt;
}

Outcome<std::vector<std::string>> read_fq_name(const json& body) {
  const auto given = body.find("fq_name");
  if (given == body.end() || !given->is_array() || given->empty())
    return Refusal{400, "Bad Request, no fq_name in body"};
  std::vector<std::string> fq_name;
  for (const json& element : *given) {
    if (!element.is_string()) return Refusal{400, "Bad Request, fq_name is not a list of texts"};
    fq_name.push_back(element.get<std::string>());
    if (std::ranges::any_of(fq_name.back(), is_refused_in_names)) {
      return Refusal{400, "Bad Request, name has invalid characters: " + element.dump()};
    }
  }
  return fq_name;
}

Outcome<std::optional<Uuid>> read_uuid(const json& body) {
  const auto given = body.find("uuid");
  if (given == body.end() || given->is_null()) return std::optional<Uuid>();
  const auto* text = given->get_ptr<const std::string*>();
  const auto uuid = text != nullptr ? parse_uuid_leniently(*text) : std::nullopt;
  if (!uuid) return Refusal{500, "badly formed uuid: " + given->dump()};
  if (to_text(*uuid) != *text) return Refusal{400, "Invalid UUID format: " + *text};
  return std::optional(*uuid);
}

}  // namespace standin
