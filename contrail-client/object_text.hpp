#pragma once

#include <string>

#include "contrail-client/types.hpp"

// The members of an object's body as JSON text. Each function appends; what follows another member starts with a comma
// by itself.
namespace contrail {

// fq_name, parent_type (where the type has a parent) and uuid (where there is one).
void append_identity(std::string& out, const Object& object);

// Whether a create needs to say `field`: not where leaving it out means the same.
bool belongs_in_create(const Object& object, Field field);

// The member (for port mappings both members) of `field` with the whole value. A text for which the server has no empty
// form (an address, an enumeration) is left out where it is empty.
void append_field(std::string& out, const Object& object, Field field);

// The attr of a reference to a policy: {"sequence":{"major":10,"minor":0}}.
void append_sequence(std::string& out, const Sequence& sequence);

}  // namespace contrail
