#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/decode/projection.hpp"

namespace k8s {

// Shared by both encodings: text values, and the API's defaults for absent fields.

// A resourceVersion as a number, as the API's conventions allow since Kubernetes 1.35 and as it has always been in
// etcd; 0 for an empty text. Throws DecodeFailure for another one that is no number of 64 bits.
std::uint64_t parse_resource_version(std::string_view text);

PodPhase parse_phase(std::string_view text);  // unknown: another text
ServiceType parse_service_type(std::string_view text);
AddressType parse_address_type(std::string_view text);  // throws DecodeFailure for another text

// Throws DecodeFailure unless both texts are the wanted ones.
void check_kind(std::string_view api_version, std::string_view kind, std::string_view want_version,
                std::string_view want);

// Throws DecodeFailure if the value is not UTF-8.
void add_text(std::string_view key, std::string_view value, std::vector<KeyValue>& into);

inline bool is_kept(const std::vector<std::string>& keys, std::string_view key) {
  for (const auto& kept : keys)
    if (kept == key) return true;
  return false;
}

// Adds the pair if `keys` contains its key. As add_text().
inline void keep(const std::vector<std::string>& keys, std::string_view key, std::string_view value,
                 std::vector<KeyValue>& into) {
  if (is_kept(keys, key)) add_text(key, value, into);
}

inline constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";
inline constexpr std::string_view initial_events_end_annotation = "k8s.io/initial-events-end";
inline constexpr std::string_view service_name_label = "kubernetes.io/service-name";

// Sets the protocol if it is absent, and the target port if neither number nor name is present.
void complete(ServicePort& port);
void complete(EndpointPort& port);

}  // namespace k8s
