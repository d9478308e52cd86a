#pragma once

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/decode/projection.hpp"

// The oracle of the JSON projection: the same objects from a DOM of nlohmann/json, which holds every value of the text.
namespace test {

// Pod, Service, Namespace, EndpointSlice. Throws k8s::DecodeFailure.
template <class T>
T read_object(const k8s::Projection& projection, const nlohmann::json& object);

template <>
k8s::Pod read_object<k8s::Pod>(const k8s::Projection& projection, const nlohmann::json& object);
template <>
k8s::Service read_object<k8s::Service>(const k8s::Projection& projection, const nlohmann::json& object);
template <>
k8s::Namespace read_object<k8s::Namespace>(const k8s::Projection& projection, const nlohmann::json& object);
template <>
k8s::EndpointSlice read_object<k8s::EndpointSlice>(const k8s::Projection& projection, const nlohmann::json& object);

}  // namespace test
