#include "contrail-client/codec.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "contrail-client/json_text.hpp"
#include "contrail-client/object_text.hpp"

namespace contrail {
namespace {

// Strings of these sizes rarely grow.
constexpr std::size_t usual_path = 80, usual_body = 1024, usual_update = 256;

std::string begun(std::string_view text) {
  std::string out;
  out.reserve(usual_update);
  return out += text;
}

std::string path(Type type, const Uuid& uuid) {
  std::string target;
  target.reserve(usual_path);
  (target += '/') += name(type);
  target += '/';
  uuid.append_to(target);
  return target;
}

// `"type":{` … `}`, the wrapper of every object's body.
void open_body(std::string& out, Type type) {
  out += '{';
  append_json_string(out, name(type));
  out += ":{";
}
void close_body(std::string& out) { out += "}}"; }

void append_ids(std::string& out, std::string_view key, const std::vector<Uuid>& ids) {
  if (ids.empty()) return;
  out.append(",\"").append(key).append("\":\"");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ',';
    ids[i].append_to(out);
  }
  out += '"';
}

std::string_view referred_type(Field field) {
  switch (field) {
    case Field::networks:
      return name(Type::virtual_network);
    case Field::machines:
      return name(Type::virtual_machine);
    case Field::interfaces:
      return name(Type::virtual_machine_interface);
    case Field::projects:
      return name(Type::project);
    case Field::policies:
      return name(Type::network_policy);
    case Field::ipams:
      return name(Type::network_ipam);
    default:
      return {};
  }
}

}  // namespace

std::string field_list(Type type, const std::vector<Field>& fields) {
  std::string list;
  for (const auto field : fields) {
    if (!list.empty()) list += ',';
    list += member(type, field);
    if (field == Field::port_mappings) list += ",floating_ip_port_mappings_enable";
  }
  return list;
}

Request create(const Object& object) {
  Request request{.method = "POST", .target = "/", .body = {}};
  request.target += plural(object.type);
  request.body.reserve(usual_body);
  open_body(request.body, object.type);
  append_identity(request.body, object);
  for (const auto field : fields_of(object.type))
    if (belongs_in_create(object, field)) append_field(request.body, object, field);
  close_body(request.body);
  return request;
}

Request remove(Type type, const Uuid& uuid) { return {.method = "DELETE", .target = path(type, uuid), .body = {}}; }

Request read(Type type, const Uuid& uuid) {
  // With `fields`, children and back references are returned only if named.
  return {.method = "GET",
          .target = path(type, uuid) + "?exclude_hrefs=true&fields=" + field_list(type, fields_of(type)),
          .body = {}};
}

Request put(const Object& object, const Uuid& uuid, const std::vector<Field>& fields) {
  Request request{.method = "PUT", .target = path(object.type, uuid), .body = {}};
  request.body.reserve(usual_body);
  open_body(request.body, object.type);
  for (const auto field : fields) append_field(request.body, object, field);
  close_body(request.body);
  return request;
}

Request ref_update(Type type, const Uuid& uuid, Field field, const Uuid& target, Operation operation,
                   std::optional<Sequence> sequence) {
  auto body = begun("{\"type\":");
  append_json_string(body, name(type));
  body += ",\"uuid\":";
  append_uuid(body, uuid);
  body += ",\"ref-type\":";
  append_json_string(body, referred_type(field));
  body += ",\"ref-uuid\":";
  append_uuid(body, target);
  body += operation == Operation::add ? ",\"operation\":\"ADD\"" : ",\"operation\":\"DELETE\"";
  if (sequence) {
    body += ",\"attr\":";
    append_sequence(body, *sequence);
  }
  body += '}';
  return {.method = "POST", .target = "/ref-update", .body = std::move(body)};
}

Request set_annotations(const Uuid& uuid, const std::map<std::string, std::optional<std::string>>& keys) {
  std::string body = "{\"uuid\":";
  append_uuid(body, uuid);
  body += ",\"updates\":[";
  for (const auto& [key, value] : keys) {
    if (body.back() != '[') body += ',';
    body += "{\"field\":\"annotations\",\"operation\":";
    body += value ? "\"set\",\"value\":{\"key\":" : "\"delete\"";
    if (value) {
      append_json_string(body, key);
      body += ",\"value\":";
      append_json_string(body, *value);
      body += '}';
    }
    body += ",\"position\":";
    append_json_string(body, key);
    body += '}';
  }
  body += "]}";
  return {.method = "POST", .target = "/prop-collection-update", .body = std::move(body)};
}

Request name_to_id(Type type, const FqName& fq_name) {
  auto body = begun("{\"type\":");
  append_json_string(body, name(type));
  body += ",\"fq_name\":";
  append_name(body, fq_name);
  body += '}';
  return {.method = "POST", .target = "/fqname-to-id", .body = std::move(body)};
}

Request list(Type type, const ListScope& scope, const std::vector<Field>& fields) {
  auto body = begun("{\"type\":");
  append_json_string(body, name(type));
  append_ids(body, "parent_id", scope.parents);
  append_ids(body, "back_ref_id", scope.back_references);
  append_ids(body, "obj_uuids", scope.uuids);
  body += ",\"fields\":";
  // Without any field the server omits the parent: the display name is the smallest field that every type has.
  append_json_string(body, fields.empty() ? std::string{member(Field::display_name)} : field_list(type, fields));
  body += '}';
  return {.method = "POST", .target = "/list-bulk-collection", .body = std::move(body)};
}

Request list_named(Type type, const std::vector<FqName>& names, const std::vector<Field>& fields) {
  std::string target = "/";
  target.append(plural(type)).append("?exclude_hrefs=true&fields=").append(field_list(type, fields)) += "&fq_names=";
  for (const auto& name : names) {
    if (target.back() != '=') target += ',';
    target += boost::urls::encode(name, boost::urls::unreserved_chars);
  }
  return {.method = "GET", .target = std::move(target), .body = {}};
}

bool is_read(const Request& request) {
  return request.method == "GET" || request.target == "/list-bulk-collection" || request.target == "/fqname-to-id";
}

}  // namespace contrail
