#include "k8sclient/decode/stream.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_objects.hpp"
#include "k8sclient/decode/json_stream.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"
#include "k8sclient/decode/protobuf_stream.hpp"

namespace k8s {

Result<Encoding> encoding_of(std::string_view content_type) {
  const auto media = content_type.substr(0, content_type.find(';'));
  if (media == "application/vnd.kubernetes.protobuf") return Encoding::protobuf;
  if (media == "application/json") return Encoding::json;
  return Error{errc::unexpected, "the answer's content type is '" + std::string(content_type.substr(0, 80)) +
                                     "', not JSON or protobuf; is this a Kubernetes API server?"};
}

template <class T>
std::unique_ptr<ListDecoder> make_list_decoder(Encoding encoding, const Projection& projection,
                                               const DecodeLimits& limits, std::function<Result<void>(T&&)> on_item) {
  if (encoding == Encoding::protobuf)
    return std::make_unique<pb::ProtobufList>(resource_name<T>, limits,
                                              [projection, on = std::move(on_item)](std::string_view bytes) {
                                                return on(pb::read_object<T>(projection, bytes));
                                              });
  return std::make_unique<js::JsonList>(resource_name<T>, limits,
                                        [projection, on = std::move(on_item)](const nlohmann::json& object) {
                                          return on(js::read_object<T>(projection, object));
                                        });
}

template <class T>
std::unique_ptr<StreamDecoder> make_watch_decoder(Encoding encoding, const Projection& projection,
                                                  const DecodeLimits& limits, WatchEvents<T> events) {
  if (encoding == Encoding::protobuf)
    return std::make_unique<pb::ProtobufWatch>(
        resource_name<T>, limits,
        pb::ProtobufWatch::Events{
            [projection, on = std::move(events.on_object)](EventType type, std::string_view bytes) {
              return on(type, pb::read_object<T>(projection, bytes));
            },
            std::move(events.on_bookmark), std::move(events.on_error)});
  return std::make_unique<js::JsonWatch>(
      resource_name<T>, limits,
      js::JsonWatch::Events{
          [projection, on = std::move(events.on_object)](EventType type, const nlohmann::json& object) {
            return on(type, js::read_object<T>(projection, object));
          },
          std::move(events.on_bookmark), std::move(events.on_error)});
}

template <class T>
Result<T> decode_object(Encoding encoding, const Projection& projection, std::string_view bytes) {
  T object;
  const auto what = [] { return "decoding a " + std::string(resource_name<T>.kind); };
  const auto decoded = guarded(what, [&]() -> Result<void> {
    object = encoding == Encoding::protobuf ? pb::read_object<T>(projection, bytes)
                                            : js::read_object<T>(projection, js::parse(bytes));
    return {};
  });
  if (!decoded) return decoded.error();
  return object;
}

Status decode_status(int http_status, std::string_view content_type, std::string_view body) {
  Status status;
  const auto encoding = encoding_of(content_type);
  const auto decoded = !encoding ? Result<void>(encoding.error())
                                 : guarded([] { return std::string("decoding a Status"); },
                                           [&]() -> Result<void> {
                                             if (*encoding == Encoding::json) {
                                               const auto json = js::parse(body);
                                               js::check_kind(json, "v1", "Status");
                                               status = js::read_status(json);
                                             } else {
                                               const auto envelope = pb::read_envelope(body);
                                               if (envelope.kind == "Status") status = pb::read_status(envelope.raw);
                                             }
                                             return {};
                                           });
  if (!decoded) status = Status();
  // The header's word counts: a Status inside of it may come from further behind.
  status.code = http_status;
  return status;
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses there
#define K8S_INSTANTIATE(T)                                                                                        \
  template std::unique_ptr<ListDecoder> make_list_decoder<T>(Encoding, const Projection&, const DecodeLimits&,    \
                                                             std::function<Result<void>(T&&)>);                   \
  template std::unique_ptr<StreamDecoder> make_watch_decoder<T>(Encoding, const Projection&, const DecodeLimits&, \
                                                                WatchEvents<T>);                                  \
  template Result<T> decode_object<T>(Encoding, const Projection&, std::string_view)
// NOLINTEND(bugprone-macro-parentheses)

K8S_INSTANTIATE(Pod);
K8S_INSTANTIATE(Service);
K8S_INSTANTIATE(Namespace);
K8S_INSTANTIATE(EndpointSlice);
#undef K8S_INSTANTIATE

}  // namespace k8s
