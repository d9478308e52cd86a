#pragma once

#include <string_view>

#include "contrail-client/types.hpp"

// What the owner annotations of an owned object show of its origin.
namespace knm {

// Whether a rule of the object mapping makes objects of this type with such owner annotations. Others were written by
// another version of the program, or by hand.
bool is_explained(contrail::Type type, std::string_view kind, std::string_view uid);

// Whether its uuid is the one that is derived for its owner annotations. Otherwise the object was adopted.
bool has_derived_uuid(const contrail::Object& object);

}  // namespace knm
