#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "contrail-client/codec.hpp"
#include "controller/plan/next.hpp"
#include "k8sclient/api/objects.hpp"

// Requests of the engine, and their answers. No I/O here.
namespace knm {

// Sets the annotation opencontrail.org/pod-state of one Pod, or removes it, if the Pod has this UID.
struct PodPatch {
  std::string ns, name, uid;
  std::optional<std::string> state;
  bool ask_who = false;  // in a fight: read the present writer of the annotation first
};

// Replaces one Service's status.loadBalancer.ingress by these addresses, if the Service has this UID.
struct StatusPatch {
  std::string ns, name, uid;
  std::vector<std::string> addresses;  // desired
  // Where foreign addresses may be among them: the present ones, which lose those that are not in `addresses`.
  std::vector<std::string> shown{};
  bool ask_who = false;  // as in PodPatch
};

// The kinds of Kubernetes objects that the controller watches.
enum class Watched : std::uint8_t { namespaces, pods, services, slices };
inline constexpr std::size_t watched_count = 4;
std::string_view name(Watched kind);  // "EndpointSlices"
template <class Object>
inline constexpr Watched watched_of = std::is_same_v<Object, k8s::Namespace> ? Watched::namespaces
                                      : std::is_same_v<Object, k8s::Pod>     ? Watched::pods
                                      : std::is_same_v<Object, k8s::Service> ? Watched::services
                                                                             : Watched::slices;

struct Job {
  std::uint64_t id = 0;
  std::variant<contrail::Request, PodPatch, StatusPatch> request;
};

// Whether the server may have carried out a request.
enum class Sent : std::uint8_t {
  answered,  // the server has answered
  no,        // the request was not sent completely
  unknown,   // it may have been carried out
};

struct ConfigAnswer {
  Sent sent = Sent::answered;
  int status = 0;
  std::string body;
  std::string error;  // the reason, if there is no answer
};

enum class PatchResult : std::uint8_t {
  done,
  gone,       // no such object, or one with another UID: the watch will show it
  failed,     // the content was refused: tried again later
  dropped,    // accepted, but the object in the answer does not have it
  no_rights,  // the controller lacks a permission
  no_answer,  // the outcome is unknown, or the server is overloaded
};
inline constexpr int patch_result_count = 6;
std::string_view name(PatchResult result);  // "no_rights"

// The answer to a PodPatch or a StatusPatch.
struct PatchAnswer {
  PatchResult result = PatchResult::done;
  std::uint64_t resource_version = 0;  // of the object after the patch
  std::string error;
  std::string writer{};  // the writer before the patch, if requested; empty: not known
};

// A change of an owned object by another client.
enum class Drift : std::uint8_t {
  changed,
  deleted,
  replaced,  // another object has the name
};
inline constexpr int drift_count = 3;
std::string_view name(Drift drift);  // "changed"

// An event for a log line or a metric.
struct Report {
  enum class Kind : std::uint8_t {
    request_sent,  // `step`, `entry`
    answered,      // `status`, `text`: the server's reason where it refused
    came,          // the object exists, and did not as far as known before; from any source
    pod_ready,     // the Pod's annotation is written; `duration` since the Pod was first seen
    conflict,      // a foreign object has the name
    drift,         // another client changed it; `drift`, `text`: which fields differ
    address_taken,
    server_down,
    server_up,
    out_of_addresses,
    range_stays,             // of a shared network (`entry`), no longer configured but in use; `text`: the range
    range_blocked,           // cannot be added to a shared network: it overlaps another one; `text`: the range
    retained,                // the network of a cluster-service tier stays without a Service; `text`: the tier
    external_network_found,  // an external network exists, and is connected
    external_network_lost,   // it does not exist any longer
    network_closed,  // an external network has only policies of this cluster: it is closed for all other traffic
    held,            // owned, not desired, and not deleted; `text`: why, and the way out
    guard,           // too many deletions at once are held; `text`: what, and the way out
    guard_over,      // the guard holds nothing any longer
    taken_over,      // a former cluster of the same name; `text`: its kube-system UID
    patched,         // a patch was answered; `result`, `text`: the error, if any
    overwritten,     // a fight; `text`: the other writer, if known
    writes_refused,  // the API server refuses all patches of this kind; `text`: why. Repeated while it lasts
    writes_taken,    // the API server accepts them again
  };
  Kind kind;
  SlotId entry = no_slot;
  Step step = Step::nothing;
  int status = 0;
  Time duration{0};
  std::string text;
  Drift drift = Drift::changed;
  PatchResult result = PatchResult::done;
};

}  // namespace knm
