#pragma once

#include <string>
#include <vector>

#include "tests/config-api/core/database.hpp"

namespace standin {

/// Which parts of an object an answer shows. Built once a request, used for each object in it.
struct View {
  std::string base_url;  // "http://HOST"; empty: no hrefs at all
  bool href = true;      // the object's own
  bool parent_href = false;
  bool reference_hrefs = false;
  bool null_parent = false;  // of a type without a parent: nulls, else nothing
  bool name = false;
  bool id_perms = false;
  bool perms2 = false;
  bool sorted_references = false;    // by uuid; else in the order in which they were made
  std::vector<bool> properties;      // by position in TypeInfo::properties
  std::vector<bool> references;      // by position in TypeInfo::references
  std::vector<TypeIndex> children;   // of these types
  std::vector<TypeIndex> referrers;  // of these types
};

/// Everything that is stored in an object, and nothing of its neighbours.
View view_of_all_fields(TypeIndex type);

/// Only what `fields=` names; unknown names are ignored.
View view_of_fields(TypeIndex type, const std::vector<std::string>& fields);

/// Adds the children and referrers that the fields name.
void add_neighbours(View& view, TypeIndex type, const std::vector<std::string>& fields);

void add_all_children(View& view, TypeIndex type);
void add_all_referrers(View& view, TypeIndex type);

/// Appends the object as JSON.
void append_object(std::string& out, const Database& database, const Object& object, const View& view);

/// Appends {"uuid", "fq_name", "href"}: the row of a plain list.
void append_row(std::string& out, const Object& object, const View& view);

/// "http://HOST/virtual-network/<uuid>"
std::string href_of(const std::string& base_url, TypeIndex type, const Uuid& uuid);

}  // namespace standin
