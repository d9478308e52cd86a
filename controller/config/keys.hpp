#pragma once

#include <span>
#include <string_view>

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

namespace knm {

// One key of the configuration, with the data for the parser and the reference page.
struct Key {
  std::string_view name;
  std::string_view type;           // human-readable: "CIDR or list"
  std::string_view default_value;  // as YAML; a test checks that writing it changes nothing
  std::string_view summary;        // one sentence
  std::string_view details;        // further sentences in Markdown, or empty
  std::string_view example;        // as YAML, with another value than the default
  void (*read)(const Value&, Settings&);
};

struct KeyGroup {
  std::string_view title;
  std::span<const Key> keys;
};

// All keys, in the order in which the reference shows them.
std::span<const KeyGroup> key_groups();

// nullptr: there is no such key.
const Key* key_named(std::string_view name);

// Whether the default is an empty value: "", [] or {}.
bool none_by_default(const Key& key);

// Advice for an unknown key: the key that was probably meant, or the replacement of a key of the predecessor.
std::string advice_on_unknown_key(std::string_view name);

}  // namespace knm
