#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/api/resource.hpp"

// JSON texts for tests of parsers.
namespace test {

// Texts at the borders of the grammar (RFC 8259), valid and invalid.
std::vector<std::string_view> json_texts();

// A valid text: nested at most `depth` times, with blanks, escapes, repeated names and numbers of all forms.
std::string random_json(std::mt19937& random, int depth);

// Changes, removes or repeats bytes of a text.
void damage(std::string& text, std::mt19937& random);

// An object of Kubernetes with the members that projections read. Some have values of another type, are repeated, or
// missing.
std::string random_object(std::mt19937& random);
// The same with the kind and version of a resource.
std::string random_object(std::mt19937& random, const k8s::ResourceName& resource);

}  // namespace test
