#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contrail-client/ip.hpp"
#include "controller/config/problems.hpp"

namespace knm {

// Data that is collected while a file is read.
struct Reading {
  struct Range {
    contrail::Cidr range;
    std::string key;
    Place place;
  };
  Problems problems;
  std::map<std::string, Place> written;  // the keys in the file, and the places of their values
  std::vector<Range> ranges;             // every valid range of addresses in the file
};

// One value of the file, with its key. Its errors are reported with its own place and that key. The Reading must
// outlive it.
class Value {
 public:
  // `fallback`: the place to report for a value without a place (it is missing after the colon).
  Value(const YAML::Node& node, std::string key, Place fallback, Reading& reading);

  // Reports that this value is wrong.
  void refuse(std::string text) const;

  // The text of a plain or quoted value; reports a list, a mapping or a missing value.
  std::optional<std::string> scalar() const;

  // The elements of a list, or this value itself: a single value may be written without a list. Reports a mapping.
  std::vector<Value> items() const;

  // The members of a mapping, each with the key `key.name`; reports any other value, and duplicate names.
  std::vector<std::pair<std::string, Value>> members() const;

  bool is_null() const { return node_.IsNull(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_mapping() const { return node_.IsMap(); }
  const std::string& key() const { return key_; }
  Place place() const { return place_; }
  Reading& reading() const { return *reading_; }

 private:
  YAML::Node node_;
  std::string key_;
  Place place_;
  Reading* reading_;
};

// The place of a node, or `fallback` if yaml-cpp has none.
Place place_of(const YAML::Node& node, Place fallback);

}  // namespace knm
