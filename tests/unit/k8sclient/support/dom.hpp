#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/json_document.hpp"

// JSON texts as a DOM, read by nlohmann/json and by js::Document: one is the oracle of the other.
namespace test {

// Discarded: it is not JSON.
nlohmann::json dom_of(std::string_view text);

// All of the value, with as many stack frames as it is nested.
nlohmann::json dom_of(k8s::js::Value value);

}  // namespace test
