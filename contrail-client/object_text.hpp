#pragma once

#include <string>

#include "contrail-client/types.hpp"

// The members of an object's body as JSON text. Each function appends; all except the first one write a leading comma.
namespace contrail {

// fq_name, parent_type (if the type has a parent) and uuid (if it is set).
void append_identity(std::string& out, const Object& object);

// Whether a create must contain `field`: not if its absence means the same.
bool belongs_in_create(const Object& object, Field field);

// The member of `field` (for port mappings both members) with its whole value. An empty text is omitted if the server
// has no empty form for it (an address, an enumeration).
void append_field(std::string& out, const Object& object, Field field);

// The attr of a reference to a policy: {"sequence":{"major":10,"minor":0}}.
void append_sequence(std::string& out, const Sequence& sequence);

}  // namespace contrail
