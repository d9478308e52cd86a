#pragma once

#include <string_view>

#include "contrail-client/types.hpp"

// What the mark of an object that is ours says about where it comes from.
namespace knm {

// Whether a rule of the object model makes objects of this type with such a mark. What it does not explain was marked
// by another version of the program, or by hand.
bool is_explained(contrail::Type type, std::string_view kind, std::string_view uid);

// Whether its uuid is the one that we derive for its mark. Otherwise somebody else made it, and it was adopted.
bool has_derived_uuid(const contrail::Object& object);

}  // namespace knm
