#pragma once

#include <nlohmann/json.hpp>

#include "k8sclient/api/objects.hpp"

namespace test {

// Projections as JSON, with the names of the structs' fields: what the Python oracle compares with kubectl's objects.
nlohmann::json to_json(const k8s::Pod& pod);
nlohmann::json to_json(const k8s::Service& service);
nlohmann::json to_json(const k8s::Namespace& ns);
nlohmann::json to_json(const k8s::EndpointSlice& slice);

}  // namespace test
