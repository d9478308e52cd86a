#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace k8s {

// An object of a list or an event that exists and cannot be read: the readable part of its metadata, and the reason. A
// text in the metadata that no API server would accept counts as not readable.
struct Unreadable {
  std::string ns, name, uid;           // empty: not readable, or none
  std::uint64_t resource_version = 0;  // 0: not readable
  std::string why;                     // one printable sentence
  bool named = false;                  // name (and namespace, if the kind has one) are known

  friend bool operator==(const Unreadable&, const Unreadable&) = default;
};

// The size of the kept beginning of an object above the limit, for its metadata: in both encodings that is at the
// beginning, and its names precede everything that users fill.
inline constexpr std::size_t identity_bytes = 16 * 1024;

namespace pb {
// Reads the metadata of a damaged or truncated object as far as possible. Does not set `why` and `named`.
Unreadable read_identity(std::string_view object);
// The same for a frame of a watch; sets `type` to the event type and `kind` to that in the envelope, each empty if not
// readable.
Unreadable read_identity_of_event(std::string_view frame, std::string& type, std::string& kind);
}  // namespace pb

namespace js {
class Value;
Unreadable read_identity(std::string_view object);
// The same for an object that was parsed.
Unreadable read_identity(Value object);
Unreadable read_identity_of_event(std::string_view line, std::string& type, std::string& kind);
}  // namespace js

// The text if API servers accept it as a name, namespace or UID; otherwise empty.
std::string fit_identity(std::string_view text);

// `why` in a printable form: shortened, with characters other than printable ASCII replaced.
std::string fit_reason(std::string_view why);

}  // namespace k8s
