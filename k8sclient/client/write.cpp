#include "k8sclient/client/write.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "k8sclient/api/dump.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/api/object_text.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"
#include "k8sclient/decode/stream.hpp"
#include "k8sclient/decode/text.hpp"

namespace k8s {
namespace {

using nlohmann::json;

constexpr std::size_t usual_patch = 256;  // a text of this size, with a value, rarely grows

// A wrong UID in a patch is answered as a change of an immutable field.
bool is_wrong_uid(const Status& status) {
  return status.code == 422 && std::any_of(status.causes.begin(), status.causes.end(),
                                           [](const auto& cause) { return cause.field == "metadata.uid"; });
}

const json* member(const json& object, const std::string& key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return at == object.end() ? nullptr : &*at;
}

const json* at_path(const json& object, const std::vector<std::string>& path) {
  const json* out = &object;
  for (const auto& key : path)
    if (out) out = member(*out, key);
  return out;
}

std::vector<std::string> ingress_of(const json& service) {
  std::vector<std::string> out;
  const auto* list = at_path(service, {"status", "loadBalancer", "ingress"});
  if (!list || !list->is_array()) return out;
  for (const auto& entry : *list) {
    const auto* ip = member(entry, "ip");
    out.push_back(ip && ip->is_string() ? ip->get<std::string>() : std::string());
  }
  return out;
}

WriteOutcome outcome_of(const Status& status) {
  if (is_wrong_uid(status)) return WriteOutcome::gone;
  switch (status.code) {
    case 401:
      return WriteOutcome::unauthorized;
    case 403:
      switch (refusal_of(status)) {
        case Refusal::namespace_terminating:
          return WriteOutcome::ending;
        case Refusal::admission:
          return WriteOutcome::invalid;
        case Refusal::right_missing:
          return WriteOutcome::forbidden;
      }
      return WriteOutcome::forbidden;
    case 404:
    case 410:
      return WriteOutcome::gone;
    case 409:
      return WriteOutcome::conflict;
    case 429:
    case 503:
      return WriteOutcome::busy;
    default:
      return status.code >= 400 && status.code < 500 ? WriteOutcome::invalid : WriteOutcome::unknown;
  }
}

bool is_success(const net::HttpResponse& response) { return response.status >= 200 && response.status < 300; }

std::string_view content_type(const net::HttpResponse& response) {
  const std::string* type = net::find_header(response.headers, "Content-Type");
  return type ? std::string_view(*type) : std::string_view();
}

// The version in an answer's object; 0: it has none.
std::uint64_t shown_version(const json& object) {
  const auto* version = at_path(object, {"metadata", "resourceVersion"});
  return version && version->is_string() ? parse_resource_version(version->get_ref<const std::string&>()) : 0;
}

// The version of the object in the answer, and whether it shows what was written. Throws if it is no object.
struct Seen {
  std::uint64_t version = 0;
  bool shown = true;
};

Seen seen_in_json(const net::HttpResponse& response, const Shows& shows) {
  const json object = json::parse(response.body);
  return {shown_version(object), !shows || shows(object)};
}

// Most answers are read for their version alone, so a document is made only to be shown.
Seen seen_in_protobuf(const net::HttpResponse& response, const Shows& shows) {
  const auto object = pb::read_envelope(response.body).raw;
  Seen seen{pb::read_object_version(object)};
  if (!shows) return seen;
  json metadata{{"resourceVersion", std::to_string(seen.version)}};
  for (auto& [key, value] : pb::read_annotations(object)) metadata["annotations"][key] = std::move(value);
  seen.shown = shows({{"metadata", std::move(metadata)}});
  return seen;
}

Seen seen_in(const net::HttpResponse& response, const Shows& shows) {
  const auto encoding = encoding_of(content_type(response));
  const bool is_json = !encoding || *encoding == Encoding::json;
  return is_json ? seen_in_json(response, shows) : seen_in_protobuf(response, shows);
}

WriteResult refused_result(const net::HttpResponse& response, const std::string& what) {
  const Status status = decode_status(response.status, content_type(response), response.body);
  WriteResult result;
  result.outcome = outcome_of(status);
  result.retry_after = retry_after(response.headers);
  if (!result.retry_after) result.retry_after = status.retry_after;
  result.error = error_of(status, what);
  return result;
}

}  // namespace

std::string object_path(const ResourceName& resource, std::string_view ns, std::string_view name,
                        std::string_view subresource) {
  std::string path(resource.group_path);
  if (resource.namespaced) path += "/namespaces/" + net::percent_encode(ns);
  path.append("/").append(resource.plural).append("/").append(net::percent_encode(name));
  if (!subresource.empty()) path.append("/").append(subresource);
  return path;
}

std::string delete_options(const std::string& uid, std::uint64_t resource_version) {
  json options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!uid.empty()) options["preconditions"]["uid"] = uid;
  if (resource_version != 0) options["preconditions"]["resourceVersion"] = std::to_string(resource_version);
  return dump(options);
}

std::string annotation_patch(const std::string& uid, const std::string& key, const std::optional<std::string>& value) {
  ObjectText patch(usual_patch + (value ? value->size() : 0));
  patch.open("metadata").open("annotations");
  value ? patch.member(key, *value) : patch.null(key);
  return patch.close().member("uid", uid).close().take();
}

std::string load_balancer_patch(const std::string& uid, const std::vector<std::string>& ips) {
  json ingress = json::array();
  for (const auto& ip : ips) ingress.push_back(json::object({{"ip", ip}}));
  json patch = json::object();
  patch["metadata"] = json::object({{"uid", uid}});
  // null instead of an empty list: it removes the member, which is how the API writes "none".
  patch["status"]["loadBalancer"]["ingress"] = ips.empty() ? json(nullptr) : ingress;
  return dump(patch);
}

std::string load_balancer_removal(const std::string& uid, const std::vector<std::string>& shown,
                                  const std::vector<std::string>& ips) {
  json patch = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", uid}}});
  // From the last to the first, so that no index changes before its turn.
  for (auto place = shown.size(); place-- > 0;) {
    if (std::find(ips.begin(), ips.end(), shown[place]) == ips.end()) continue;
    const auto path = "/status/loadBalancer/ingress/" + std::to_string(place);
    patch.push_back({{"op", "test"}, {"path", path + "/ip"}, {"value", shown[place]}});
    patch.push_back({{"op", "remove"}, {"path", path}});
  }
  return dump(patch);
}

Shows shows_annotation(std::string key, std::optional<std::string> value) {
  return [key = std::move(key), value = std::move(value)](const json& object) {
    const auto* found = at_path(object, {"metadata", "annotations", key});
    return value ? found && *found == *value : !found;
  };
}

Shows shows_load_balancer(std::vector<std::string> ips) {
  return [ips = std::move(ips)](const json& object) { return ingress_of(object) == ips; };
}

Shows shows_no_load_balancer(std::vector<std::string> ips) {
  return [ips = std::move(ips)](const json& object) {
    const auto shown = ingress_of(object);
    return std::none_of(ips.begin(), ips.end(),
                        [&](const auto& ip) { return std::find(shown.begin(), shown.end(), ip) != shown.end(); });
  };
}

std::string manager_of(std::string_view text, const std::vector<std::string>& path, std::string_view us) {
  const auto object = json::parse(text, nullptr, false);
  const auto* managers = at_path(object, {"metadata", "managedFields"});
  std::string out, latest;
  if (!managers || !managers->is_array()) return out;
  for (const auto& entry : *managers) {
    const auto* name = member(entry, "manager");
    const auto* fields = member(entry, "fieldsV1");
    if (!name || !name->is_string() || *name == us || !fields || !at_path(*fields, path)) continue;
    const auto* time = member(entry, "time");
    const auto when = time && time->is_string() ? time->get<std::string>() : std::string();
    if (!out.empty() && when < latest) continue;
    out = name->get<std::string>();
    latest = when;
  }
  return out;
}

WriteResult write_result(const net::HttpResponse& response, const std::string& what, const Shows& shows) {
  if (!is_success(response)) return refused_result(response, what);
  WriteResult result;
  try {
    const auto seen = seen_in(response, shows);
    result.resource_version = seen.version;
    if (seen.version != 0) result.outcome = seen.shown ? WriteOutcome::done : WriteOutcome::dropped;
  } catch (const std::exception&) {
    result.outcome = WriteOutcome::unknown;
  }
  if (result.outcome == WriteOutcome::unknown)
    result.error = {errc::malformed, what + ": the server accepted the request, but its answer cannot be read"};
  if (result.outcome == WriteOutcome::dropped)
    result.error = {errc::invalid, what +
                                       ": the server accepted the request, but dropped the change; an admission "
                                       "policy or webhook may remove it"};
  return result;
}

WriteResult deletion_result(const net::HttpResponse& response, const std::string& what) {
  if (!is_success(response)) return refused_result(response, what);
  WriteResult result;
  result.outcome = WriteOutcome::done;
  return result;
}

WriteResult write_result(const net::Failure& failure, const std::string& what) {
  WriteResult result;
  result.outcome = failure.delivery == net::Delivery::not_sent ? WriteOutcome::not_sent : WriteOutcome::unknown;
  result.error = annotate(failure.error, what);
  return result;
}

std::optional<std::chrono::seconds> retry_after(const net::Headers& headers) {
  const std::string* text = net::find_header(headers, "Retry-After");
  if (!text) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace k8s
