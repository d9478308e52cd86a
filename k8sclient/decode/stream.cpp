#include "k8sclient/decode/stream.hpp"

#include <utility>

#include "base/cut.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_objects.hpp"
#include "k8sclient/decode/json_stream.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"
#include "k8sclient/decode/protobuf_stream.hpp"

namespace k8s {

base::Result<Encoding> encoding_of(std::string_view content_type) {
  const auto media = content_type.substr(0, content_type.find(';'));
  if (media == "application/vnd.kubernetes.protobuf") return Encoding::protobuf;
  if (media == "application/json") return Encoding::json;
  return base::Error{errc::unexpected, "the answer's content type is '" + std::string(base::cut(content_type, 80)) +
                                           "', not JSON or protobuf; check that the URL is a Kubernetes API server"};
}

std::optional<EventType> event_type(std::string_view word) {
  if (word == "ADDED") return EventType::added;
  if (word == "MODIFIED") return EventType::modified;
  if (word == "DELETED") return EventType::deleted;
  return std::nullopt;
}

namespace {

// Shared by both encodings: reads objects, and passes on unreadable ones separately.
template <class T>
struct Reading {
  Projection projection;
  std::size_t limit = 0;  // of an object's bytes

  base::Result<void> read(std::string_view bytes, T& into) const {
    return guarded([] { return std::string(resource_name<T>.kind); },
                   [&]() -> base::Result<void> {
                     pb::read_object<T>(projection, bytes, into);
                     return {};
                   });
  }
  base::Result<void> read(js::Value object, T& into) const {
    return guarded([] { return std::string(resource_name<T>.kind); },
                   [&]() -> base::Result<void> {
                     js::read_object<T>(projection, object, into);
                     return {};
                   });
  }
  static Unreadable complete(Unreadable object, const std::string& why) {
    object.why = fit_reason(why);
    object.named = !object.name.empty() && (!resource_name<T>.namespaced || !object.ns.empty());
    return object;
  }
};

template <class T>
Unreadable identity_of(std::string_view bytes, bool json, const std::string& why) {
  return Reading<T>::complete(json ? js::read_identity(bytes) : pb::read_identity(bytes), why);
}

// An encoded item of a list. `object` is that of the last item.
template <class T>
base::Result<void> take_item(const Reading<T>& reading, bool json, std::string_view bytes, std::uint64_t size,
                             T& object, const std::function<base::Result<void>(T&&)>& on,
                             const OnUnreadable& on_unreadable) {
  clear(object);
  base::Result<void> read;
  if (size > reading.limit) {
    read = base::Error{errc::too_large, "an object " + too_large(size, reading.limit)};
  } else if (json) {
    js::Document document;
    if (document.parse(bytes) && document.root().is_object())
      read = reading.read(document.root(), object);
    else
      read = base::Error{errc::malformed, "an object is not JSON"};
  } else {
    read = reading.read(bytes, object);
  }
  if (read) return on(std::move(object));
  if (!on_unreadable) return read;
  return on_unreadable(identity_of<T>(bytes, json, read.error().message));
}

// An event's object; `identity` reads its metadata.
template <class T, class Source, class Identity>
base::Result<void> take_event(const Reading<T>& reading, EventType type, const Source& source,
                              const WatchEvents<T>& events, Identity identity) {
  T object;
  auto read = reading.read(source, object);
  if (read) return events.on_object(type, std::move(object));
  if (!events.on_unreadable) return read;
  return events.on_unreadable(type, Reading<T>::complete(identity(), read.error().message));
}

// An event whose object is damaged or above the limit.
template <class T>
base::Result<void> take_damaged(EventType type, Unreadable&& object, const WatchEvents<T>& events) {
  if (!events.on_unreadable) return base::Error{errc::malformed, object.why};
  const std::string why = object.why;
  return events.on_unreadable(type, Reading<T>::complete(std::move(object), why));
}

}  // namespace

template <class T>
std::unique_ptr<ListDecoder> make_list_decoder(Encoding encoding, const Projection& projection,
                                               const DecodeLimits& limits,
                                               std::function<base::Result<void>(T&&)> on_item,
                                               OnUnreadable on_unreadable) {
  const bool json = encoding == Encoding::json;
  const auto take = [reading = Reading<T>{projection, limits.object_bytes}, json, on = std::move(on_item),
                     on_unreadable = std::move(on_unreadable),
                     object = std::make_shared<T>()](std::string_view bytes, std::uint64_t size) {
    return take_item<T>(reading, json, bytes, size, *object, on, on_unreadable);
  };
  if (json) return std::make_unique<js::JsonList>(resource_name<T>, limits, take);
  return std::make_unique<pb::ProtobufList>(resource_name<T>, limits, take);
}

template <class T>
std::unique_ptr<StreamDecoder> make_watch_decoder(Encoding encoding, const Projection& projection,
                                                  const DecodeLimits& limits, WatchEvents<T> events) {
  const auto all = std::make_shared<const WatchEvents<T>>(std::move(events));
  const Reading<T> reading{projection, limits.object_bytes};
  const auto damaged = [all](EventType type, Unreadable&& object) {
    return take_damaged<T>(type, std::move(object), *all);
  };
  if (encoding == Encoding::protobuf)
    return std::make_unique<pb::ProtobufWatch>(
        resource_name<T>, limits,
        pb::ProtobufWatch::Events{[reading, all](EventType type, std::string_view bytes) {
                                    return take_event<T>(reading, type, bytes, *all,
                                                         [&] { return pb::read_identity(bytes); });
                                  },
                                  damaged, all->on_bookmark, all->on_error});
  return std::make_unique<js::JsonWatch>(resource_name<T>, limits,
                                         js::JsonWatch::Events{[reading, all](EventType type, js::Value object) {
                                                                 return take_event<T>(reading, type, object, *all, [&] {
                                                                   return js::read_identity(object);
                                                                 });
                                                               },
                                                               damaged, all->on_bookmark, all->on_error});
}

template <class T>
base::Result<T> decode_object(Encoding encoding, const Projection& projection, std::string_view bytes) {
  T object;
  const auto what = [] { return "decoding a " + std::string(resource_name<T>.kind); };
  const auto decoded = guarded(what, [&]() -> base::Result<void> {
    if (encoding == Encoding::protobuf)
      pb::read_object<T>(projection, bytes, object);
    else
      js::read_object<T>(projection, js::parse_object(bytes).root(), object);
    return {};
  });
  if (!decoded) return decoded.error();
  return object;
}

Status decode_status(int http_status, std::string_view content_type, std::string_view body) {
  Status status;
  const auto encoding = encoding_of(content_type);
  const auto decoded = !encoding ? base::Result<void>(encoding.error())
                                 : guarded([] { return std::string("decoding a Status"); },
                                           [&]() -> base::Result<void> {
                                             if (*encoding == Encoding::json) {
                                               const auto document = js::parse_object(body);
                                               js::check_kind(document.root(), "v1", "Status");
                                               status = js::read_status(document.root());
                                             } else {
                                               const auto envelope = pb::read_envelope(body);
                                               if (envelope.kind == "Status") status = pb::read_status(envelope.raw);
                                             }
                                             return {};
                                           });
  if (!decoded) status = Status();
  // The HTTP status takes precedence: a Status in the body may come from another server.
  status.code = http_status;
  return status;
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses there
#define K8S_INSTANTIATE(T)                                                                                          \
  template std::unique_ptr<ListDecoder> make_list_decoder<T>(Encoding, const Projection&, const DecodeLimits&,      \
                                                             std::function<base::Result<void>(T&&)>, OnUnreadable); \
  template std::unique_ptr<StreamDecoder> make_watch_decoder<T>(Encoding, const Projection&, const DecodeLimits&,   \
                                                                WatchEvents<T>);                                    \
  template base::Result<T> decode_object<T>(Encoding, const Projection&, std::string_view)
// NOLINTEND(bugprone-macro-parentheses)

K8S_INSTANTIATE(Pod);
K8S_INSTANTIATE(Service);
K8S_INSTANTIATE(Namespace);
K8S_INSTANTIATE(EndpointSlice);
#undef K8S_INSTANTIATE

}  // namespace k8s
