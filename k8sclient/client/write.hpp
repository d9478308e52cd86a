#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/api/resource.hpp"
#include "k8sclient/api/status.hpp"
#include "net/http.hpp"

namespace k8s {

// The target object: a write to another object of the same name (another UID) has no effect.
struct ObjectRef {
  std::string ns;
  std::string name;
  std::string uid;
};

enum class WriteOutcome : std::uint8_t {
  done,          // carried out, or nothing had to be changed
  conflict,      // 409: concurrent changes again and again; or the name exists already
  gone,          // no object of that name and UID exists
  unauthorized,  // 401
  forbidden,     // 403: the error names the missing permission
  ending,        // 403: the Namespace is being deleted, and no objects can be created in it
  invalid,       // refused for its content, or by an admission policy: a repetition would be refused too
  dropped,       // accepted, but an admission policy removed it: the object in the answer does not show it
  busy,          // 429 or 503: not carried out, try again (after `retry_after`)
  not_sent,      // the server cannot have received it
  unknown,       // it may have been carried out: read before the next write
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::unknown;
  std::uint64_t resource_version = 0;  // of the object after the write; only if done; 0 after a deletion
  std::optional<std::chrono::seconds> retry_after;
  base::Error error;  // if not done
};

struct EventCount {
  WriteResult result;
  std::uint32_t count = 0;  // if done; 0: the answer is not an Event
};

// The path of an object, or of a subresource of it ("status"); `ns` is ignored for kinds without namespaces. Source:
// https://kubernetes.io/docs/reference/using-api/api-concepts/
std::string object_path(const ResourceName& resource, std::string_view ns, std::string_view name,
                        std::string_view subresource = {});

// DeleteOptions with the preconditions that are given: "" and 0 are none. Source:
// https://kubernetes.io/docs/reference/kubernetes-api/definitions/preconditions-v1-meta/
std::string delete_options(const std::string& uid, std::uint64_t resource_version);

// Merge patches (RFC 7386) with only the changed field, and the UID as a precondition.
std::string annotation_patch(const std::string& uid, const std::string& key, const std::optional<std::string>& value);
std::string load_balancer_patch(const std::string& uid, const std::vector<std::string>& ips);
// A JSON patch (RFC 6902) that removes the entries with these IPs from a list, and keeps all others. It has no effect
// if the list has changed at one of these places since it was `shown`.
std::string load_balancer_removal(const std::string& uid, const std::vector<std::string>& shown,
                                  const std::vector<std::string>& ips);

// Whether an object contains what was written. An answer in protobuf is shown as JSON with two members,
// metadata.resourceVersion and metadata.annotations.
using Shows = std::function<bool(const nlohmann::json& object)>;
Shows shows_annotation(std::string key, std::optional<std::string> value);
Shows shows_load_balancer(std::vector<std::string> ips);     // only these
Shows shows_no_load_balancer(std::vector<std::string> ips);  // none of these

// The last writer of a field, from metadata.managedFields of an object: the name of a field manager other than `us`;
// empty: none. The path has the format of the field: {"f:metadata", "f:annotations", "f:a/b"}.
std::string manager_of(std::string_view object, const std::vector<std::string>& path, std::string_view us);

// The outcome of the write from its answer, or from the lack of one; `what` as in "annotating pod a/b". An object that
// does not show the write makes it `dropped`.
WriteResult write_result(const net::HttpResponse& response, const std::string& what, const Shows& shows = {});
WriteResult write_result(const net::Failure& failure, const std::string& what);
// The same for a deletion, whose answer may be a Status or the object.
WriteResult deletion_result(const net::HttpResponse& response, const std::string& what);

// The Retry-After field in seconds; nullopt: absent, or a date.
std::optional<std::chrono::seconds> retry_after(const net::Headers& headers);

}  // namespace k8s
