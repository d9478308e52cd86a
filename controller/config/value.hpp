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

// What is collected while a file is read.
struct Reading {
  struct Range {
    contrail::Cidr range;
    std::string key;
    Place place;
  };
  Problems problems;
  std::map<std::string, Place> written;  // the keys that the file has, and where their values begin
  std::vector<Range> ranges;             // every range of addresses that could be read
};

// One value of the file under the key that it belongs to. Whatever is wrong with it is reported with its own place and
// that key. Lives no longer than the Reading.
class Value {
 public:
  // `fallback`: the place to name where the value has none of its own (it is missing behind the colon).
  Value(const YAML::Node& node, std::string key, Place fallback, Reading& reading);

  // Reports that this value is wrong.
  void refuse(std::string text) const;

  // The text of a plain or quoted value; a list, a mapping or nothing at all is reported.
  std::optional<std::string> scalar() const;

  // The entries of a list, or this value itself: a single value may stand alone. A mapping is reported.
  std::vector<Value> items() const;

  // The members of a mapping, each under `key.name`; anything else, and a name written twice, is reported.
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

// Where a node begins, or `fallback` where yaml-cpp does not say.
Place place_of(const YAML::Node& node, Place fallback);

}  // namespace knm
