// The readers of codec.hpp: answers to one object's read and to a name's look-up.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "contrail-client/answer/parser.hpp"
#include "contrail-client/codec.hpp"
#include "contrail-client/error.hpp"

namespace contrail {
namespace {

constexpr std::string_view blank = " \r\n\t";

bool is_between(std::string_view text, char first, char last) {
  const auto begin = text.find_first_not_of(blank);
  return begin != std::string_view::npos && text[begin] == first && text[text.find_last_not_of(blank)] == last;
}

// Whether the text continues with a token; removes it and the blanks before it.
bool skip(std::string_view& text, std::string_view token) {
  const auto rest = text.substr(std::min(text.find_first_not_of(blank), text.size()));
  if (!rest.starts_with(token)) return false;
  text = rest.substr(token.size());
  return true;
}

}  // namespace

Result<Object> parse_object(Type type, std::string_view body) {
  std::optional<Object> object;
  answer::Parser parser{type, answer::Form::single,
                        [&object](answer::ObjectBuilder& builder) { object = builder.take(); }};
  if (const auto fed = parser.feed(body); !fed) return fed.error();
  if (const auto finished = parser.finish(); !finished) return finished.error();
  if (!object)
    return Error{.code = errc::wrong_shape, .message = "answer with a " + std::string{name(type)} + ": it is null"};
  return std::move(*object);
}

// Every write has such an answer: its text is compared, not parsed.
bool is_uuid_answer(const Uuid& uuid, std::string_view body) {
  constexpr std::string_view name = R"("uuid")";
  if (!is_between(body, '{', '}')) return false;
  const auto value = '"' + uuid.text() + '"';
  for (auto at = body.find(name); at != std::string_view::npos; at = body.find(name, at + 1)) {
    auto rest = body.substr(at);
    if (skip(rest, name) && skip(rest, ":") && skip(rest, value)) return true;
  }
  return false;
}

bool is_object_answer(Type type, const Uuid& uuid, std::string_view body) {
  auto rest = body;
  return skip(rest, "{") && skip(rest, '"' + std::string{name(type)} + '"') && skip(rest, ":") && skip(rest, "{") &&
         is_uuid_answer(uuid, body);
}

// Proxies may answer "null" or "{}"; a body that is not JSON is a proxy's page.
bool is_empty_answer(std::string_view body) {
  return body == "{}" || body.find_first_not_of(blank) == std::string_view::npos || nlohmann::json::accept(body);
}

Result<Uuid> parse_id(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{.code = errc::not_json, .message = "answer with a uuid: not JSON"};
  const auto uuid = json.is_object() ? json.find("uuid") : json.end();
  if (uuid == json.end() || !uuid->is_string())
    return Error{.code = errc::wrong_shape, .message = "answer with a uuid: has no member \"uuid\" with a text"};
  const auto id = Uuid::parse(uuid->get_ref<const std::string&>());
  if (!id) return Error{.code = errc::wrong_shape, .message = "answer with a uuid: the value is not a uuid"};
  return *id;
}

}  // namespace contrail
