#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace standin {

struct Field;

/// What the server accepts as the value of a property: a small part of what an XML schema can say. Null passes
/// everywhere.
struct Shape {
  enum class Kind { anything, text, boolean, integer, choice, structure, list };

  Kind kind = Kind::anything;
  long long minimum = 0;             // integer
  long long maximum = 0;             // integer
  std::vector<std::string> choices;  // choice
  std::vector<Field> fields;         // structure: all that it may have; none is required
  std::vector<Shape> element;        // list: exactly one
};

struct Field {
  std::string name;
  Shape shape;
};

Shape anything();
Shape text();
Shape boolean();
Shape integer(long long minimum, long long maximum);
Shape choice(std::initializer_list<const char*> values);
Shape structure(std::initializer_list<Field> fields);
Shape list(Shape element);

/// What is wrong with the value ("policy_rule.dst_ports.end_port: 70000 is not within -1..65535"), or nothing.
/// @param path how the value is named in that text
std::optional<std::string> find_fault(const Shape& shape, const nlohmann::json& value, const std::string& path);

}  // namespace standin
