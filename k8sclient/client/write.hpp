#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/api/status.hpp"
#include "net/http.hpp"

namespace k8s {

// The object that is meant: a write to another one of the same name (another UID) does not happen.
struct ObjectRef {
  std::string ns;
  std::string name;
  std::string uid;
};

enum class WriteOutcome : std::uint8_t {
  done,          // carried out; or nothing was to be changed
  conflict,      // 409: it was changed at the same time again and again; or there is one of that name already
  gone,          // there is no object of that name and UID
  unauthorized,  // 401
  forbidden,     // 403: the error names the permission that is missing
  ending,        // 403: the Namespace is on its way out, and nothing new is made there
  invalid,       // refused for its content, or by an admission policy: the same write will always be
  dropped,       // accepted, but the object in the answer does not show it: an admission policy took it out
  busy,          // 429 or 503: not carried out, try again (after `retry_after`)
  not_sent,      // the server cannot have it
  unknown,       // it may have been carried out or not: look before writing again
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::unknown;
  std::uint64_t resource_version = 0;  // of the object as written; where done
  std::optional<std::chrono::seconds> retry_after;
  base::Error error;  // where not done
};

struct EventCount {
  WriteResult result;
  std::uint32_t count = 0;  // where done; 0: the answer is no Event
};

// Merge patches (RFC 7386) that name only what they change, and the UID as a precondition.
std::string annotation_patch(const std::string& uid, const std::string& key, const std::optional<std::string>& value);
std::string load_balancer_patch(const std::string& uid, const std::vector<std::string>& ips);
// A JSON patch (RFC 6902) that takes the entries with these IPs out of a list, and every other one stays as it is. It
// does nothing where the list has changed at one of these places since it was `shown`.
std::string load_balancer_removal(const std::string& uid, const std::vector<std::string>& shown,
                                  const std::vector<std::string>& ips);

// Whether an object shows what was written.
using Shows = std::function<bool(const nlohmann::json& object)>;
Shows shows_annotation(std::string key, std::optional<std::string> value);
Shows shows_load_balancer(std::vector<std::string> ips);     // these alone
Shows shows_no_load_balancer(std::vector<std::string> ips);  // none of these

// Who set a field last, by metadata.managedFields of an object: the name of a field manager other than `us`; empty
// where no other did. The path as there: {"f:metadata", "f:annotations", "f:a/b"}.
std::string manager_of(std::string_view object, const std::vector<std::string>& path, std::string_view us);

// What an answer, or its absence, says of the write; `what` as in "annotating pod a/b". An object that does not show it
// makes it `dropped`.
WriteResult write_result(const net::HttpResponse& response, const std::string& what, const Shows& shows = {});
WriteResult write_result(const net::Failure& failure, const std::string& what);

// The Retry-After field in seconds, where it is one (not a date).
std::optional<std::chrono::seconds> retry_after(const net::Headers& headers);

}  // namespace k8s
