#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/decode/projection.hpp"

namespace k8s {

// What both encodings have in common: texts, and what the API means by leaving something out.

// A resourceVersion as a number, as the API's conventions allow since Kubernetes 1.35 and as it has always been in
// etcd. Throws DecodeFailure on all but 1 to 20 digits.
std::uint64_t parse_resource_version(std::string_view text);

PodPhase parse_phase(std::string_view text);  // unknown for what we do not know
ServiceType parse_service_type(std::string_view text);
AddressType parse_address_type(std::string_view text);  // throws DecodeFailure on what we do not know

// Keeps the pair if `keys` asks for it.
void keep(const std::vector<std::string>& keys, std::string_view key, std::string_view value,
          std::vector<KeyValue>& into);

inline constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";
inline constexpr std::string_view service_name_label = "kubernetes.io/service-name";

// Fills in the protocol where it was left out, and the target port where neither number nor name was given.
void complete(ServicePort& port);
void complete(EndpointPort& port);

}  // namespace k8s
