#include "tests/unit/k8sclient/support/dom.hpp"

#include <string>

namespace test {

using Json = nlohmann::json;

Json dom_of(std::string_view text) {
  // nlohmann/json takes a NUL for the end of the text, which RFC 8259 does not.
  if (text.find('\0') != std::string_view::npos) return Json(Json::value_t::discarded);
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

Json dom_of(k8s::js::Value value) {
  std::string room;
  if (value.is_text()) return value.characters(room);
  if (value.is_array()) {
    Json out = Json::array();
    value.each_element([&](k8s::js::Value element) { out.push_back(dom_of(element)); });
    return out;
  }
  if (!value.is_object()) return Json::parse(value.written());
  Json out = Json::object();
  value.each_member(
      [&](k8s::js::Value name, k8s::js::Value member) { out[std::string(name.characters(room))] = dom_of(member); });
  return out;
}

}  // namespace test
