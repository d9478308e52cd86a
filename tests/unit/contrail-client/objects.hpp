#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "contrail-client/types.hpp"

// Shared by the tests of the codec: random objects, recorded requests, and the names of the ids in the recordings.
namespace contrail::test {

// A random object of `type` with values in all fields of the type, as a server could have it: references without uuid,
// texts with all kinds of characters, subnets and rules with and without `raw`. Only for calls within a property.
Object any_object(Type type);
// Any of the nine types.
Type any_type();

// A request and its answer that were recorded on a real config API server.
struct Recording {
  std::string title;
  std::string method;
  std::string path;
  nlohmann::json body;    // null: none
  nlohmann::json answer;  // null: none
};
// In the order of the recording. Ids that the server chose ($U1 …) are replaced by uuids.
const std::vector<Recording>& guestbook();
const Recording& recorded(std::string_view method, std::string_view title);

// Removes members that are empty lists: a create treats them as missing.
nlohmann::json without_empty_lists(nlohmann::json json);

}  // namespace contrail::test
