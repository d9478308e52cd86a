#include "tests/config-api/core/shape.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace standin {
namespace {

using nlohmann::json;

std::optional<std::string> expected(const char* what, const json& value, const std::string& path) {
  return path + ": expected " + what + ", not " + value.dump();
}

std::optional<std::string> fault_in_integer(const Shape& shape, const json& value, const std::string& path) {
  if (!value.is_number_integer()) return expected("an integer", value, path);
  const bool too_big = value.is_number_unsigned() && value.get<unsigned long long>() > 0x7fffffffffffffffULL;
  const auto number = value.get<long long>();
  if (too_big || number < shape.minimum || number > shape.maximum) {
    return path + ": " + value.dump() + " is not within " + std::to_string(shape.minimum) + ".." +
           std::to_string(shape.maximum);
  }
  return std::nullopt;
}

std::optional<std::string> fault_in_choice(const Shape& shape, const json& value, const std::string& path) {
  if (!value.is_string()) return expected("text", value, path);
  if (std::ranges::find(shape.choices, value.get_ref<const std::string&>()) == shape.choices.end()) {
    return path + ": " + value.dump() + " is not one of the values that the schema lists";
  }
  return std::nullopt;
}

std::optional<std::string> fault_in_structure(const Shape& shape, const json& value, const std::string& path) {
  if (!value.is_object()) return expected("an object", value, path);
  for (const auto& [name, member] : value.items()) {
    const auto field = std::ranges::find(shape.fields, name, &Field::name);
    if (field == shape.fields.end()) return path + ": has no field " + name;
    if (auto fault = find_fault(field->shape, member, path + "." + name)) return fault;
  }
  return std::nullopt;
}

std::optional<std::string> fault_in_list(const Shape& shape, const json& value, const std::string& path) {
  if (!value.is_array()) return expected("a list", value, path);
  for (const json& member : value) {
    if (auto fault = find_fault(shape.element.front(), member, path)) return fault;
  }
  return std::nullopt;
}

Shape of_kind(Shape::Kind kind) {
  Shape shape;
  shape.kind = kind;
  return shape;
}

}  // namespace

Shape anything() { return {}; }
Shape text() { return of_kind(Shape::Kind::text); }
Shape boolean() { return of_kind(Shape::Kind::boolean); }

Shape integer(long long minimum, long long maximum) {
  Shape shape = of_kind(Shape::Kind::integer);
  shape.minimum = minimum;
  shape.maximum = maximum;
  return shape;
}

Shape choice(std::initializer_list<const char*> values) {
  Shape shape = of_kind(Shape::Kind::choice);
  shape.choices.assign(values.begin(), values.end());
  return shape;
}

Shape structure(std::initializer_list<Field> fields) {
  Shape shape = of_kind(Shape::Kind::structure);
  shape.fields = fields;
  return shape;
}

Shape list(Shape element) {
  Shape shape = of_kind(Shape::Kind::list);
  shape.element.push_back(std::move(element));
  return shape;
}

std::optional<std::string> find_fault(const Shape& shape, const json& value, const std::string& path) {
  if (value.is_null()) return std::nullopt;
  switch (shape.kind) {
    case Shape::Kind::anything:
      return std::nullopt;
    case Shape::Kind::text:
      return value.is_string() ? std::nullopt : expected("text", value, path);
    case Shape::Kind::boolean:
      return value.is_boolean() ? std::nullopt : expected("true or false", value, path);
    case Shape::Kind::integer:
      return fault_in_integer(shape, value, path);
    case Shape::Kind::choice:
      return fault_in_choice(shape, value, path);
    case Shape::Kind::structure:
      return fault_in_structure(shape, value, path);
    case Shape::Kind::list:
      return fault_in_list(shape, value, path);
  }
  return std::nullopt;
}

}  // namespace standin
