#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/types.hpp"

// The config API's requests and answers as values: pure functions, no socket.
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

// POST /<type>s with everything that `object` holds in one body: uuid, annotations, references by `to` alone (the
// server corrects stale uuids on create only, so none is sent), rules and subnets with their own ids.
Request create(const Object& object);

// DELETE /<type>/<uuid>
Request remove(Type type, const Uuid& uuid);

// GET /<type>/<uuid>, the fields that Object has for that type, without children, back references and hrefs.
Request read(Type type, const Uuid& uuid);

// PUT /<type>/<uuid> with these fields of `object`, whole; an empty list is written as one, so it clears. Never `null`
// (that answers 500 and wipes). References carry `to` alone.
Request put(const Object& object, const Uuid& uuid, const std::vector<Field>& fields);

enum class Operation : std::uint8_t { add, remove };
// POST /ref-update by the target's uuid, which cannot hit a successor of the same name. `field` is a reference field;
// `sequence` is the attr of policy references.
Request ref_update(Type type, const Uuid& uuid, Field field, const Uuid& target, Operation operation,
                   std::optional<Sequence> sequence = std::nullopt);

// POST /prop-collection-update on `annotations`: sets a key to its value, or deletes it where there is none.
Request set_annotations(const Uuid& uuid, const std::map<std::string, std::optional<std::string>>& keys);

// POST /fqname-to-id; answer by parse_id. 404: there is no such object.
Request name_to_id(Type type, const FqName& name);

// POST /list-bulk-collection of a type; answer by ListParser. Scopes may be combined; an empty scope means all of the
// type. Several parents or back references are asked for at once; 27,000 ids fill a body. `fields`: what to bring
// beside uuid, fq_name and parent; where it is empty the display name comes too, since the server names no parent
// without any.
struct ListScope {
  std::vector<Uuid> parents;
  std::vector<Uuid> back_references;
  std::vector<Uuid> uuids;
};
Request list(Type type, const ListScope& scope, const std::vector<Field>& fields);

// GET /<type>s of the objects that have these names; answer by ListParser. Names that nobody has are left out. A comma
// separates names there, so one that holds a comma is not found.
Request list_named(Type type, const std::vector<FqName>& names, const std::vector<Field>& fields);

// Whether this is what the server says to a create() or put() that it carried out, to a ref_update(), and to a remove()
// or set_annotations(). Anything else that comes with a good status, an HTML page or nothing, says nothing of the
// write.
bool is_object_answer(Type type, const Uuid& uuid, std::string_view body);
bool is_uuid_answer(const Uuid& uuid, std::string_view body);
bool is_empty_answer(std::string_view body);

// Whether the request changes nothing, so that it may be sent again whatever became of the first one.
bool is_read(const Request& request);

// The object in the answer to read(). Unknown members are ignored; wrong types are an error that names the member.
Result<Object> parse_object(Type type, std::string_view body);
// The uuid in the answer to name_to_id().
Result<Uuid> parse_id(std::string_view body);

}  // namespace contrail
