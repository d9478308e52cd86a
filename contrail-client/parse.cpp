// The readers of codec.hpp: answers to one object's read and to a name's look-up.
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "contrail-client/answer/parser.hpp"
#include "contrail-client/codec.hpp"
#include "contrail-client/error.hpp"

namespace contrail {

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

bool is_object_answer(Type type, const Uuid& uuid, std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  const auto object = json.is_object() ? json.find(name(type)) : json.end();
  return object != json.end() && object->is_object() && object->contains("uuid") && (*object)["uuid"] == uuid.text();
}

bool is_uuid_answer(const Uuid& uuid, std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("uuid") && json["uuid"] == uuid.text();
}

// Servers in between may put "null" or "{}" there; what is no JSON is a page of a proxy.
bool is_empty_answer(std::string_view body) {
  return body.find_first_not_of(" \r\n\t") == std::string_view::npos || nlohmann::json::accept(body);
}

Result<Uuid> parse_id(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{.code = errc::not_json, .message = "answer with a uuid: not JSON"};
  const auto uuid = json.is_object() ? json.find("uuid") : json.end();
  if (uuid == json.end() || !uuid->is_string())
    return Error{.code = errc::wrong_shape, .message = "answer with a uuid: has no member \"uuid\" with a text"};
  const auto id = Uuid::parse(uuid->get_ref<const std::string&>());
  if (!id) return Error{.code = errc::wrong_shape, .message = "answer with a uuid: what is there is none"};
  return *id;
}

}  // namespace contrail
