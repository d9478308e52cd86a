#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace k8s {

// An object of a list, or of an event, that is there and cannot be read: what could be had of its metadata, and what is
// wrong with it. A text of the metadata that no API server would take for what it is counts as not had.
struct Unreadable {
  std::string ns, name, uid;           // empty: not had, or none
  std::uint64_t resource_version = 0;  // 0: not had
  std::string why;                     // one sentence, fit to be shown
  bool named = false;                  // name (and namespace, where the kind has one) are known

  friend bool operator==(const Unreadable&, const Unreadable&) = default;
};

// How much of an object above the bound is kept, to find its metadata in: that stands at the beginning in both
// encodings, and the names in it before everything that users fill.
inline constexpr std::size_t identity_bytes = 16 * 1024;

namespace pb {
// Reads the metadata of an object that may be damaged, or cut off, as far as that goes. `why` and `named` stay unset.
Unreadable read_identity(std::string_view object);
// The same of a watch's frame; `type` becomes that of the event, `kind` what the envelope says, both empty where they
// could not be had.
Unreadable read_identity_of_event(std::string_view frame, std::string& type, std::string& kind);
}  // namespace pb

namespace js {
Unreadable read_identity(std::string_view object);
Unreadable read_identity_of_event(std::string_view line, std::string& type, std::string& kind);
}  // namespace js

// A name, namespace or UID as API servers take it, or nothing.
std::string fit_identity(std::string_view text);

// `why` fit to be shown: of readable length, what is no printable ASCII replaced.
std::string fit_reason(std::string_view why);

}  // namespace k8s
