#pragma once

#include <span>
#include <string_view>

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

namespace knm {

// One key of the configuration: all that the parser and the reference know about it.
struct Key {
  std::string_view name;
  std::string_view type;           // for people: "CIDR or list"
  std::string_view default_value;  // as YAML; a test shows that writing it changes nothing
  std::string_view summary;        // one sentence
  std::string_view details;        // further sentences, Markdown; may be empty
  std::string_view example;        // as YAML, another value than the default
  void (*read)(const Value&, Settings&);
};

struct KeyGroup {
  std::string_view title;
  std::span<const Key> keys;
};

// All keys, in the order in which the reference shows them.
std::span<const KeyGroup> key_groups();

// nullptr where there is no such key.
const Key* key_named(std::string_view name);

// A default that stands for nothing: "", [] or {}.
bool none_by_default(const Key& key);

// What to say about a key that does not exist: the one that was probably meant, or where the predecessor's key went.
std::string advice_on_unknown_key(std::string_view name);

}  // namespace knm
