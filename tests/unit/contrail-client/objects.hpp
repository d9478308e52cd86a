#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "contrail-client/types.hpp"

// What the tests of the codec share: random objects, recorded requests, the names of the recordings' own ids.
namespace contrail::test {

// A random object of `type` with values in all fields that the type has, as a server could hold it: references without
// uuid, texts of all kinds of characters, subnets and rules with and without `raw`. Call it within a property.
Object any_object(Type type);
// Any of the nine types.
Type any_type();

// A request and its answer, recorded on a real config API server.
struct Recording {
  std::string title;
  std::string method;
  std::string path;
  nlohmann::json body;    // null: none
  nlohmann::json answer;  // null: none
};
// In the order of recording; server-chosen ids ($U1 …) are replaced by uuids.
const std::vector<Recording>& guestbook();
const Recording& recorded(std::string_view method, std::string_view title);

// Without members that are empty lists: on a create they mean the same as none.
nlohmann::json without_empty_lists(nlohmann::json json);

}  // namespace contrail::test
