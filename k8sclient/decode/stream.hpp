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

// How objects are encoded on the wire.
enum class Encoding : std::uint8_t { protobuf, json };

// The encoding that a Content-Type field names. Error (errc::unexpected) for others, as of a proxy's HTML page.
base::Result<Encoding> encoding_of(std::string_view content_type);

// ListMeta, as far as we read it.
struct ListMeta {
  std::uint64_t resource_version = 0;
  std::string continue_token;  // empty: this was the last page

  friend bool operator==(const ListMeta&, const ListMeta&) = default;
};

// Takes a response's body in pieces as they arrive. After an error it must not be used again.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  virtual base::Result<void> feed(std::string_view bytes) = 0;
  // The body is complete. An error (errc::malformed) where it ended inside of something.
  virtual base::Result<void> finish() = 0;
};

// One page of a list. Items are handed over one by one while the body comes in.
class ListDecoder : public StreamDecoder {
 public:
  // Valid after finish().
  virtual const ListMeta& meta() const = 0;
};

enum class EventType : std::uint8_t { added, modified, deleted };

// Of the three words of the API; none for others.
std::optional<EventType> event_type(std::string_view word);

// Takes objects that cannot be read: what a tenant wrote must not cost the list that it is in. Null: such an object is
// an error of the whole list or watch. What says nothing of an object (a framing that cannot be followed, another kind)
// is one in any case.
using OnUnreadable = std::function<base::Result<void>(Unreadable&& object)>;

// Where a watch's events go, in the order of the stream. An error ends the decoding with that error.
template <class T>
struct WatchEvents {
  std::function<base::Result<void>(EventType type, T&& object)> on_object;
  std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;  // as OnUnreadable
  std::function<base::Result<void>(std::uint64_t resource_version)> on_bookmark;
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

// The Status in the body of a response with an error status; one made of the HTTP status where the body holds none.
Status decode_status(int http_status, std::string_view content_type, std::string_view body);

// One object as a protobuf message without envelope, or as JSON text with or without kind.
template <class T>
base::Result<T> decode_object(Encoding encoding, const Projection& projection, std::string_view bytes);

}  // namespace k8s
