#include "controller/config/value.hpp"

#include <set>

namespace knm {

Place place_of(const YAML::Node& node, Place fallback) {
  const auto mark = node.Mark();
  if (mark.is_null() || node.IsNull()) return fallback;
  return {mark.line + 1, mark.column + 1};
}

Value::Value(const YAML::Node& node, std::string key, Place fallback, Reading& reading)
    : node_(node), key_(std::move(key)), place_(place_of(node, fallback)), reading_(&reading) {}

void Value::refuse(std::string text) const { reading_->problems.add(place_, key_, std::move(text)); }

std::optional<std::string> Value::scalar() const {
  if (node_.IsScalar()) return node_.Scalar();
  if (is_list()) {
    refuse("is a list; write one value");
  } else if (is_mapping()) {
    refuse("is a mapping; write one value");
  } else {
    refuse("has no value; write a value");
  }
  return std::nullopt;
}

std::vector<Value> Value::items() const {
  std::vector<Value> result;
  if (is_mapping()) {
    refuse("is a mapping; write a list such as [a, b], or one value");
  } else if (is_list()) {
    for (const auto& item : node_) result.emplace_back(item, key_, place_, *reading_);
  } else {
    result.push_back(*this);
  }
  return result;
}

std::vector<std::pair<std::string, Value>> Value::members() const {
  std::vector<std::pair<std::string, Value>> result;
  if (!is_mapping()) {
    refuse("is not a mapping; write lines of the form `name: value` below the key");
    return result;
  }
  std::set<std::string> seen;
  for (const auto& member : node_) {
    const auto place = place_of(member.first, place_);
    if (!member.first.IsScalar()) {
      reading_->problems.add(place, key_, "a key in this mapping is not a text; write `name: value`");
      continue;
    }
    const auto& name = member.first.Scalar();
    if (!seen.insert(name).second) {
      reading_->problems.add(place, key_ + "." + name, "is a duplicate key; remove one of the two lines");
      continue;
    }
    result.emplace_back(name, Value(member.second, key_ + "." + name, place, *reading_));
  }
  return result;
}

}  // namespace knm
