#include "k8sclient/leader/lease.hpp"

#include <limits>
#include <utility>

#include "k8sclient/api/dump.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/decode/text.hpp"
#include "net/http.hpp"

namespace k8s {
namespace {

using nlohmann::json;

base::Error no_lease(const std::string& why) { return {errc::malformed, "the Lease cannot be read: " + why}; }

const json* field_of(const json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

std::string text_of(const json& object, const char* key) {
  const auto* value = field_of(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

// A number outside of the field's type (int32) or below zero counts as absent.
std::uint32_t number_of(const json& object, const char* key) {
  const auto* value = field_of(object, key);
  if (!value || !value->is_number_unsigned()) return 0;
  const auto number = value->get<std::uint64_t>();
  return number <= std::numeric_limits<std::int32_t>::max() ? static_cast<std::uint32_t>(number) : 0;
}

void set_spec(json& spec, const LeaseSpec& to) {
  spec["holderIdentity"] = to.holder;
  spec["leaseDurationSeconds"] = to.duration.count();
  spec["leaseTransitions"] = to.transitions;
  spec["acquireTime"] = to.acquire_time;
  spec["renewTime"] = to.renew_time;
}

std::uint64_t lease_version(const json& object) {
  const auto* metadata = field_of(object, "metadata");
  try {
    return metadata ? parse_resource_version(text_of(*metadata, "resourceVersion")) : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace

std::string leases_path(const std::string& ns) {
  return "/apis/coordination.k8s.io/v1/namespaces/" + net::percent_encode(ns) + "/leases";
}

std::string lease_path(const LeaseName& name) { return leases_path(name.ns) + "/" + net::percent_encode(name.name); }

base::Result<Lease> read_lease(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return no_lease("the answer is no JSON object");
  if (text_of(object, "kind") != "Lease") return no_lease("the answer is an object of another kind");
  Lease lease;
  lease.resource_version = lease_version(object);
  if (lease.resource_version == 0) return no_lease("metadata.resourceVersion is missing");
  const auto* spec = field_of(object, "spec");
  if (!spec) return lease;
  if (!spec->is_object()) return no_lease("spec is no object");
  if (const auto* holder = field_of(*spec, "holderIdentity"); holder && !holder->is_string())
    return no_lease("spec.holderIdentity is no text");
  lease.spec.holder = text_of(*spec, "holderIdentity");
  lease.spec.duration = std::chrono::seconds(number_of(*spec, "leaseDurationSeconds"));
  lease.spec.transitions = number_of(*spec, "leaseTransitions");
  lease.spec.acquire_time = text_of(*spec, "acquireTime");
  lease.spec.renew_time = text_of(*spec, "renewTime");
  return lease;
}

std::string lease_body(const LeaseName& name, const LeaseSpec& spec) {
  json object{{"apiVersion", "coordination.k8s.io/v1"},
              {"kind", "Lease"},
              {"metadata", {{"name", name.name}, {"namespace", name.ns}}},
              {"spec", json::object()}};
  set_spec(object["spec"], spec);
  return dump(object);
}

std::string lease_body(std::string_view text, const LeaseName& name, const Lease& lease) {
  auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) object = json::parse(lease_body(name, lease.spec));
  object["metadata"].erase("managedFields");
  object["metadata"]["resourceVersion"] = std::to_string(lease.resource_version);
  set_spec(object["spec"], lease.spec);
  return dump(object);
}

Shows shows_holder(std::string identity) {
  return [identity = std::move(identity)](const json& object) {
    const auto* spec = field_of(object, "spec");
    return spec && text_of(*spec, "holderIdentity") == identity;
  };
}

}  // namespace k8s
