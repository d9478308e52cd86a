#pragma once

#include <string_view>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/api/status.hpp"
#include "k8sclient/decode/json_document.hpp"
#include "k8sclient/decode/projection.hpp"
#include "k8sclient/decode/stream.hpp"

// Kubernetes objects as JSON. All throw DecodeFailure.
namespace k8s::js {

// Pod, Service, Namespace, EndpointSlice; `into` is empty. Ignores kind and apiVersion: items of a list have none.
template <class T>
void read_object(const Projection& projection, Value object, T& into);

void check_kind(Value object, std::string_view api_version, std::string_view kind);

// The metadata of a list.
ListMeta read_list_meta(Value metadata);
Status read_status(Value status);
// The content of a bookmark: an object of any kind that has only metadata.
Bookmark read_bookmark(Value object);

}  // namespace k8s::js
