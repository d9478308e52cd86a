#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "k8sclient/api/resource.hpp"
#include "k8sclient/api/status.hpp"
#include "k8sclient/decode/projection.hpp"
#include "k8sclient/decode/unreadable.hpp"

namespace k8s {

// The encoding of objects in a response.
enum class Encoding : std::uint8_t { protobuf, json };

// The encoding in a Content-Type field. Error (errc::unexpected) for others, such as a proxy's HTML page.
base::Result<Encoding> encoding_of(std::string_view content_type);

// ListMeta, without the fields that are not read.
struct ListMeta {
  std::uint64_t resource_version = 0;
  std::string continue_token;  // empty: this was the last page

  friend bool operator==(const ListMeta&, const ListMeta&) = default;
};

// Decodes a response's body in pieces as they arrive. Must not be used again after an error.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  virtual base::Result<void> feed(std::string_view bytes) = 0;
  // The body is complete. Error (errc::malformed): it ended inside an element.
  virtual base::Result<void> finish() = 0;
};

// One page of a list. Items are passed on one by one while the body arrives.
class ListDecoder : public StreamDecoder {
 public:
  // Valid after finish().
  virtual const ListMeta& meta() const = 0;
};

// A BOOKMARK event: all changes up to this version were sent.
struct Bookmark {
  std::uint64_t resource_version = 0;
  // The watch is a streaming list, and the events before this one are its whole content. The API marks it with the
  // annotation k8s.io/initial-events-end: "true".
  // Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
  bool initial_events_end = false;

  friend bool operator==(const Bookmark&, const Bookmark&) = default;
};

enum class EventType : std::uint8_t { added, modified, deleted };

// The type for one of the three words of the API; nullopt: another word.
std::optional<EventType> event_type(std::string_view word);

// Receives objects that cannot be read: one object of a tenant must not fail the whole list. Null: such an object fails
// the whole list or watch. Errors that concern no single object (broken framing, another kind) always do.
using OnUnreadable = std::function<base::Result<void>(Unreadable&& object)>;

// Receives a watch's events, in the order of the stream. If it returns an error, decoding ends with that error.
template <class T>
struct WatchEvents {
  std::function<base::Result<void>(EventType type, T&& object)> on_object;
  std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;  // see OnUnreadable
  std::function<base::Result<void>(const Bookmark& bookmark)> on_bookmark;
  std::function<base::Result<void>(const Status& status)> on_error;
};

template <class T>
std::unique_ptr<ListDecoder> make_list_decoder(Encoding encoding, const Projection& projection,
                                               const DecodeLimits& limits,
                                               std::function<base::Result<void>(T&&)> on_item,
                                               OnUnreadable on_unreadable = {});

template <class T>
std::unique_ptr<StreamDecoder> make_watch_decoder(Encoding encoding, const Projection& projection,
                                                  const DecodeLimits& limits, WatchEvents<T> events);

// The Status in the body of a failed response; if there is none, one made from the HTTP status.
Status decode_status(int http_status, std::string_view content_type, std::string_view body);

// One object as a protobuf message without envelope, or as JSON text with or without kind.
template <class T>
base::Result<T> decode_object(Encoding encoding, const Projection& projection, std::string_view bytes);

}  // namespace k8s
