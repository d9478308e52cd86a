#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/api/status.hpp"
#include "k8sclient/decode/projection.hpp"
#include "k8sclient/decode/stream.hpp"

// Kubernetes objects as JSON. All throw DecodeFailure.
namespace k8s::js {

// Parses a whole text; it must be an object.
nlohmann::json parse(std::string_view text);

// Pod, Service, Namespace, EndpointSlice. Ignores kind and apiVersion: items of a list have none.
template <class T>
T read_object(const Projection& projection, const nlohmann::json& object);

void check_kind(const nlohmann::json& object, std::string_view api_version, const std::string& kind);

ListMeta read_list_meta(const nlohmann::json& list);
Status read_status(const nlohmann::json& status);
std::uint64_t read_object_version(const nlohmann::json& object);
// The content of a bookmark: an object of any kind that has only metadata.
Bookmark read_bookmark(const nlohmann::json& object);

}  // namespace k8s::js
