#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/types.hpp"

// Requests and answers of the config API as values: pure functions, no socket.
namespace contrail {

using base::Error;
using base::Result;

struct Request {
  std::string method;
  std::string target;  // path and query, from the server's root
  std::string body;    // JSON, or empty
  friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
  int status = 0;
  std::string body;
  friend bool operator==(const Response&, const Response&) = default;
};

// POST /<type>s with all fields of `object` in one body: uuid, annotations, references with only `to` (the server
// corrects stale uuids only in a create, so none is sent), rules and subnets with their own ids.
Request create(const Object& object);

// DELETE /<type>/<uuid>
Request remove(Type type, const Uuid& uuid);

// GET /<type>/<uuid>, with the fields of Object for that type, without children, back references and hrefs.
Request read(Type type, const Uuid& uuid);

// PUT /<type>/<uuid> with these whole fields of `object`; an empty list is written as such, which clears the field.
// Never contains `null` (which answers 500 and clears the field). References contain only `to`.
Request put(const Object& object, const Uuid& uuid, const std::vector<Field>& fields);

enum class Operation : std::uint8_t { add, remove };
// POST /ref-update with the target's uuid, so that a successor of the same name is never affected. `field` is a
// reference field; `sequence` is the attr of policy references.
Request ref_update(Type type, const Uuid& uuid, Field field, const Uuid& target, Operation operation,
                   std::optional<Sequence> sequence = std::nullopt);

// POST /prop-collection-update on `annotations`: sets a key to its value; nullopt deletes it.
Request set_annotations(const Uuid& uuid, const std::map<std::string, std::optional<std::string>>& keys);

// POST /fqname-to-id; answer by parse_id. 404: there is no such object.
Request name_to_id(Type type, const FqName& name);

// The server's names of `fields`, joined by commas: the value of `fields=`. Port mappings are two members that belong
// together.
std::string field_list(Type type, const std::vector<Field>& fields);

// POST /list-bulk-collection of a type; answer by ListParser. Scopes may be combined; an empty scope means all objects
// of the type. Several parents or back references fit into one request; 27,000 ids fill a body. `fields`: those to
// return besides uuid, fq_name and parent; if empty, the display name is returned too, since the server omits the
// parent without any field.
struct ListScope {
  std::vector<Uuid> parents;
  std::vector<Uuid> back_references;
  std::vector<Uuid> uuids;
};
Request list(Type type, const ListScope& scope, const std::vector<Field>& fields);

// GET /<type>s of the objects with these names; answer by ListParser. Unknown names are left out. A comma separates
// names, so a name with a comma is not found.
Request list_named(Type type, const std::vector<FqName>& names, const std::vector<Field>& fields);

// Whether the answer confirms a create() or put(); a ref_update(); a remove() or set_annotations(). Any other answer
// with a good status, such as an HTML page or an empty body, does not confirm the write.
bool is_object_answer(Type type, const Uuid& uuid, std::string_view body);
bool is_uuid_answer(const Uuid& uuid, std::string_view body);
bool is_empty_answer(std::string_view body);

// Whether the request changes nothing, so that it may be sent again after any outcome.
bool is_read(const Request& request);

// The object in the answer to read(). Unknown members are ignored; a wrong type is an error with the member's name.
Result<Object> parse_object(Type type, std::string_view body);
// The uuid in the answer to name_to_id().
Result<Uuid> parse_id(std::string_view body);

}  // namespace contrail
