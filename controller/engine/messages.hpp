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

// What the engine asks the outside to do, and what comes back. No I/O here.
namespace knm {

// Sets the annotation opencontrail.org/pod-state of one Pod, or removes it, if the Pod has this UID.
struct PodPatch {
  std::string ns, name, uid;
  std::optional<std::string> state;
  bool ask_who = false;  // others write there again and again: whose the annotation is now is asked first
};

// Makes these addresses the whole of one Service's status.loadBalancer.ingress, if the Service has this UID.
struct StatusPatch {
  std::string ns, name, uid;
  std::vector<std::string> addresses;  // what it is to show
  // Where others' entries may be among them: what it shows now, and loses what is not in `addresses`.
  std::vector<std::string> shown{};
  bool ask_who = false;  // likewise
};

// The kinds of objects that the cluster is made of here.
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

// Whether a request can have been carried out.
enum class Sent : std::uint8_t {
  answered,  // the server's word is there
  no,        // it never left us whole
  unknown,   // it may have been carried out
};

struct ConfigAnswer {
  Sent sent = Sent::answered;
  int status = 0;
  std::string body;
  std::string error;  // where there is no answer: why
};

enum class PatchResult : std::uint8_t {
  done,
  gone,       // no such object, or one with another UID: the watch will tell
  failed,     // refused for what it is: tried again later
  dropped,    // accepted, but the object that the answer shows does not have it
  no_rights,  // refused for who asks, and not for what is asked
  no_answer,  // nothing is known of it, or the server has no time
};
inline constexpr int patch_result_count = 6;
std::string_view name(PatchResult result);  // "no_rights"

// To a PodPatch or a StatusPatch.
struct PatchAnswer {
  PatchResult result = PatchResult::done;
  std::uint64_t resource_version = 0;  // of the object after the patch
  std::string error;
  std::string writer{};  // whose it was before, where that was asked; empty: not known
};

// What somebody did to an object under us.
enum class Drift : std::uint8_t {
  changed,
  deleted,
  replaced,  // another object has its name
};
inline constexpr int drift_count = 3;
std::string_view name(Drift drift);  // "changed"

// Something worth a log line or a metric.
struct Report {
  enum class Kind : std::uint8_t {
    request_sent,  // `step`, `entry`
    answered,      // `status`, `text`: the server's reason where it refused
    came,          // the object is there, and was not by what we knew; whoever found out
    pod_ready,     // the Pod's annotation is written; `duration` since the Pod was first seen
    conflict,      // somebody else's object has the name
    drift,         // something was changed under us; `drift`, `text`: which fields differ
    address_taken,
    server_down,
    server_up,
    out_of_addresses,
    range_stays,             // of a shared network (`entry`), though it is not configured any longer; `text`: the range
    range_blocked,           // it cannot be added to a shared network, for it overlaps what is there; `text`: the range
    retained,                // the network of a cluster-service tier stays without a Service; `text`: the tier
    external_network_found,  // a network that the configuration names is there, and gets connected
    external_network_lost,   // it is not there any longer
    network_closed,  // somebody else's network has policies of ours alone: what they do not allow is closed there
    held,            // it is ours, not wanted, and not deleted; `text`: why, and the way out
    guard,           // too much would go at once, and is held; `text`: what, and the way out
    guard_over,      // none of it is held any longer
    taken_over,      // a former cluster of our name; `text`: its kube-system UID
    patched,         // a patch was answered; `result`, `text`: the error, where there is one
    overwritten,     // others write there again and again; `text`: who, as far as that is known
    writes_refused,  // the API server takes none of our patches of this kind; `text`: why. Said again while it lasts
    writes_taken,    // it does again
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
