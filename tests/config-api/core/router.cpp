#include "tests/config-api/core/router.hpp"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/allocation.hpp"
#include "tests/config-api/core/body.hpp"
#include "tests/config-api/core/json_text.hpp"
#include "tests/config-api/core/list.hpp"
#include "tests/config-api/core/references.hpp"
#include "tests/config-api/core/render.hpp"
#include "tests/config-api/core/target.hpp"
#include "tests/config-api/core/write.hpp"

namespace standin {
namespace {

using nlohmann::json;

constexpr std::size_t kGreatestBody = 1024000;  // bytes

/// A request with what every handler needs of it.
struct Call {
  Database& database;
  const Request& request;
  Target target;
  std::string base_url;
};

Response answer(std::string body) { return {200, "application/json", std::move(body), {}}; }

Response refuse(const Refusal& refusal) {
  const bool page = refusal.status == 412 || refusal.status == 413;  // the framework's own: HTML
  return {refusal.status, "text/html", page ? "<html><body>" + refusal.text + "</body></html>" : refusal.text, {}};
}

Response refuse_method(const Request& request) {
  return refuse({405, "Method not allowed: " + request.method + " " + request.target});
}

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

const std::string* header(const Request& request, std::string_view name) {
  const auto found =
      std::ranges::find_if(request.headers, [&](const auto& entry) { return equal_names(entry.first, name); });
  return found == request.headers.end() ? nullptr : &found->second;
}

/// {"<type>": {...}} with only who the object is.
std::string identity(const Call& call, const Object& object) {
  View view = view_of_fields(object.type, {});
  view.name = view.parent_href = true;
  view.base_url = call.base_url;
  std::string out;
  {
    ObjectText wrapper(out);
    append_object(wrapper.member(info(object.type).name), call.database, object, view);
  }
  return out;
}

Response create(const Call& call, TypeIndex type) {
  auto body = read_wrapped(call.request.body, info(type).name);
  if (!body) return refuse(body.error());
  const auto object = create_object(call.database, type, std::move(*body));
  return object ? answer(identity(call, **object)) : refuse(object.error());
}

Response list(const Call& call, TypeIndex type) {
  const auto query = read_list_query(type, call.target);
  if (!query) return refuse(query.error());
  return answer(list_objects(call.database, *query, call.base_url));
}

View view_of_read(const Call& call, TypeIndex type) {
  const auto fields = split_list(call.target.value("fields").value_or(""));
  View view = fields.empty() ? view_of_all_fields(type) : view_of_fields(type, fields);
  if (fields.empty() && !call.target.has("exclude_children")) add_all_children(view, type);
  if (fields.empty() && !call.target.has("exclude_back_refs")) add_all_referrers(view, type);
  view.name = view.id_perms = view.perms2 = view.parent_href = view.reference_hrefs = true;
  if (!call.target.has("exclude_hrefs")) view.base_url = call.base_url;
  return view;
}

Response read(const Call& call, const Object& object) {
  const std::string etag = "\"" + std::to_string(object.modified) + "\"";
  const std::string* known = header(call.request, "If-None-Match");
  if (known != nullptr && *known == etag) return {304, "application/json", "", {{"Etag", etag}}};
  std::string out;
  {
    ObjectText wrapper(out);
    append_object(wrapper.member(info(object.type).name), call.database, object, view_of_read(call, object.type));
  }
  Response response = answer(std::move(out));
  response.headers.emplace_back("Etag", etag);
  return response;
}

Response update(const Call& call, TypeIndex type, const Uuid& uuid) {
  auto body = read_wrapped(call.request.body, info(type).name);
  if (!body) return refuse(body.error());
  if (const auto refusal = update_object(call.database, type, uuid, std::move(*body))) return refuse(*refusal);
  std::string out;
  {
    ObjectText wrapper(out);
    ObjectText object(wrapper.member(info(type).name));
    object.text("uuid", to_text(uuid));
    object.text("href", href_of(call.base_url, type, uuid));
  }
  return answer(std::move(out));
}

Response one_object(const Call& call, TypeIndex type, const std::string& uuid_text) {
  const std::string& method = call.request.method;
  if (method != "GET" && method != "PUT" && method != "DELETE") return refuse_method(call.request);
  const auto uuid = parse_uuid(uuid_text);
  if (uuid && method == "PUT") return update(call, type, *uuid);
  const Object* object = uuid ? std::as_const(call.database).find(type, *uuid) : nullptr;
  if (object == nullptr) return refuse({404, "No " + info(type).name + " " + uuid_text});
  if (method == "GET") return read(call, *object);
  const auto refusal = delete_object(call.database, type, *uuid);
  return refusal ? refuse(*refusal) : answer("");
}

Response name_to_id(const Call& call, const json& body) {
  const std::string* type_name = text_of(body, "type");
  const auto name = body.find("fq_name");
  const auto fq_name = name != body.end() ? read_texts(*name) : std::nullopt;
  if (type_name == nullptr || !fq_name) return refuse({400, "Bad Request, type and fq_name must be specified"});
  const auto type = find_type(*type_name);
  const Object* object = type ? std::as_const(call.database).find(*type, *fq_name) : nullptr;
  if (object == nullptr) return refuse({404, "Name " + name->dump() + " not found"});
  return answer(json{{"uuid", to_text(object->uuid)}}.dump());
}

Response id_to_name(const Call& call, const json& body) {
  const std::string* text = text_of(body, "uuid");
  if (text == nullptr) return refuse({400, "Bad Request, uuid must be specified"});
  const auto uuid = parse_uuid(*text);
  const Object* object = uuid ? call.database.find_any(*uuid) : nullptr;
  if (object == nullptr) return refuse({404, "UUID " + *text + " not found"});
  return answer(json{{"fq_name", object->fq_name}, {"type", info(object->type).name}}.dump());
}

Response bulk_list(const Call& call, const json& body) {
  const auto query = read_bulk_query(body);
  if (!query) return refuse(query.error());
  return answer(list_objects(call.database, *query, call.base_url));
}

Response reference_update(const Call& call, const json& body) {
  const auto object = update_reference(call.database, body);
  if (!object) return refuse(object.error());
  return answer(json{{"uuid", to_text((*object)->uuid)}}.dump());
}

Response collection_update(const Call& call, const json& body) {
  const auto refusal = update_collection(call.database, body);
  return refusal ? refuse(*refusal) : answer("");
}

using Action = Response (*)(const Call&, const json&);

Action find_action(std::string_view name) {
  static constexpr std::pair<std::string_view, Action> kActions[] = {{"fqname-to-id", name_to_id},
                                                                     {"id-to-fqname", id_to_name},
                                                                     {"list-bulk-collection", bulk_list},
                                                                     {"ref-update", reference_update},
                                                                     {"prop-collection-update", collection_update}};
  const auto* found = std::ranges::find(kActions, name, &std::pair<std::string_view, Action>::first);
  return found == std::end(kActions) ? nullptr : found->second;
}

Response act(const Call& call, Action action) {
  if (call.request.method != "POST") return refuse_method(call.request);
  const auto body = read_body(call.request.body);
  return body ? action(call, *body) : refuse(body.error());
}

/// POST /virtual-network/<uuid>/ip-alloc and ip-free.
Response network_action(const Call& call, const std::string& uuid_text, const std::string& name) {
  if (call.request.method != "POST") return refuse_method(call.request);
  const auto uuid = parse_uuid(uuid_text);
  if (!uuid || std::as_const(call.database).find(kVirtualNetwork, *uuid) == nullptr) {
    return refuse({404, "Virtual Network " + uuid_text + " not found"});
  }
  const auto body = read_body(call.request.body);
  if (!body) return refuse(body.error());
  if (name == "ip-free") {
    const auto given = body->find("ip_addr");
    const auto addresses = given != body->end() ? read_texts(*given) : std::nullopt;
    if (!addresses) return refuse({400, "Bad Request, ip_addr must be a list of addresses"});
    free_addresses(call.database, *uuid, *addresses);
    return answer("");
  }
  const auto addresses = take_addresses(call.database, *uuid, *body);
  return addresses ? answer(json{{"ip_addr", *addresses}}.dump()) : refuse(addresses.error());
}

Response collection(const Call& call, TypeIndex type) {
  if (call.request.method == "GET") return list(call, type);
  if (call.request.method == "POST") return create(call, type);
  return refuse_method(call.request);
}

Response dispatch(const Call& call) {
  const std::vector<std::string>& path = call.target.path;
  if (path.empty()) {
    return call.request.method == "GET" ? answer(homepage(call.base_url)) : refuse_method(call.request);
  }
  const auto by_collection = std::ranges::find(schema(), path[0], &TypeInfo::collection);
  if (path.size() == 1 && by_collection != schema().end()) {
    return collection(call, static_cast<TypeIndex>(by_collection - schema().begin()));
  }
  if (const Action action = find_action(path[0]); path.size() == 1 && action != nullptr) return act(call, action);
  const auto by_name = std::ranges::find(schema(), path[0], &TypeInfo::name);
  if (path.size() == 2 && by_name != schema().end()) {
    return one_object(call, static_cast<TypeIndex>(by_name - schema().begin()), path[1]);
  }
  if (path.size() == 3 && path[0] == "virtual-network" && (path[2] == "ip-alloc" || path[2] == "ip-free")) {
    return network_action(call, path[1], path[2]);
  }
  return refuse({404, "Not found: " + call.request.target});
}

}  // namespace

Response route(Database& database, const Request& request) {
  if (const std::string* coding = header(request, "Transfer-Encoding");
      coding != nullptr && equal_names(*coding, "chunked")) {
    return refuse({400, "Error while parsing chunked transfer body"});
  }
  if (request.body.size() > kGreatestBody) return refuse({413, "Request entity too large"});
  Response response = dispatch({database, request, parse_target(request.target), "http://" + request.host});
  response.changes = std::exchange(database.changes, {});
  return response;
}

}  // namespace standin
