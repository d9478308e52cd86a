#pragma once

#include <string_view>
#include <vector>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/api/status.hpp"
#include "k8sclient/decode/projection.hpp"
#include "k8sclient/decode/stream.hpp"

// Kubernetes objects as protobuf messages, without envelope. Field numbers: generated.proto of k8s.io/api (core/v1,
// discovery/v1) and k8s.io/apimachinery (meta/v1, runtime). All throw DecodeFailure or protozero's exceptions.
namespace k8s::pb {

// Pod, Service, Namespace, EndpointSlice; `into` is empty.
template <class T>
void read_object(const Projection& projection, std::string_view message, T& into);

ListMeta read_list_meta(std::string_view bytes);
Status read_status(std::string_view bytes);

// metadata.resourceVersion of an object of any kind.
std::uint64_t read_object_version(std::string_view bytes);
// metadata.annotations of an object of any kind, all of them.
std::vector<KeyValue> read_annotations(std::string_view bytes);
// The content of a bookmark: an object of any kind that has only metadata.
Bookmark read_bookmark(std::string_view bytes);

// The parts of "k8s\0" and runtime.Unknown.
struct Envelope {
  std::string_view api_version, kind;
  std::string_view raw;
};
inline constexpr std::string_view magic{"k8s\0", 4};
Envelope read_envelope(std::string_view bytes);

// The kind and apiVersion of its TypeMeta.
void read_type(std::string_view bytes, std::string_view& api_version, std::string_view& kind);

}  // namespace k8s::pb
