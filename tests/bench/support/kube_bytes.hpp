#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "k8sclient/api/objects.hpp"
#include "k8sclient/api/resource.hpp"

// The protobuf encoding of objects, lists and watch events in Kubernetes, as from an API server. It shares no code with
// the decoders of k8sclient.
// Source: k8s.io/api/core/v1/generated.proto, k8s.io/api/discovery/v1/generated.proto,
// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, k8s.io/apimachinery/pkg/runtime/generated.proto.
namespace knm::bench {

// The message of one object without an envelope. A Pod is padded to some 3 kB with content that real ones have but
// nothing here reads (container specs, managed fields).
std::string encode(const k8s::Namespace& object);
std::string encode(const k8s::Pod& object);
std::string encode(const k8s::Service& object);
std::string encode(const k8s::EndpointSlice& object);

// The metadata of an object alone, in its envelope, as an API server answers a write whose Accept asks for
// PartialObjectMetadata.
std::string encode_metadata(const k8s::ObjectMeta& meta);

// One page of a list: `items` are messages, each encoded as a field by list_item().
std::string list_item(std::string_view message);
std::string encode_list(const k8s::ResourceName& resource, std::uint64_t version, std::string_view continue_token,
                        std::string_view items);

// One frame of a watch; `type` is ADDED, MODIFIED or DELETED.
std::string encode_event(const k8s::ResourceName& resource, std::string_view type, std::string_view message);

}  // namespace knm::bench
