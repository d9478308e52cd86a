#include "k8sclient/decode/json_document.hpp"

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_escapes.hpp"
#include "k8sclient/decode/json_scanner.hpp"

namespace k8s::js {

std::string_view Value::characters(std::string& room) const {
  if (node_->escaped == 0) return quoted();
  room.clear();
  append_unescaped(quoted(), room);
  return room;
}

Value Value::member(std::string_view name) const {
  Value found;
  if (!is_object()) return found;
  std::string room;
  each_member([&](Value key, Value value) {
    if (key.characters(room) == name) found = value;
  });
  return found;
}

bool Document::parse(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // RFC 8259 allows a parser to ignore it
  if (text.size() >= Node::longest)
    throw DecodeFailure(errc::too_large, "a JSON text " + too_large(text.size(), Node::longest - 1));
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  text_ = text.data();
  nodes_ = Scanner(text).run();
  return nodes_ != nullptr;
}

Document parse_object(std::string_view text) {
  Document document;
  if (!document.parse(text)) malformed("it is not JSON");
  if (!document.root().is_object()) malformed("it is not a JSON object");
  return document;
}

}  // namespace k8s::js
