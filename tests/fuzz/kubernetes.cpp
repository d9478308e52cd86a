// Lists and watches of the Kubernetes API, and Status bodies, in both encodings: any bytes give objects, unreadable
// objects or an error, independent of the pieces.
#include <string>
#include <vector>

#include "k8sclient/decode/stream.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace k8s;

const Projection projection{{"name", "uses"}, {"uses", "opencontrail.org/pod-state"}};
const DecodeLimits limits{.object_bytes = 600, .envelope_bytes = 400};

struct Decoded {
  std::vector<std::string> names;
  std::vector<Unreadable> unreadable;
  bool good = false;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

OnUnreadable keep(Decoded& decoded) {
  return [&decoded](Unreadable&& object) -> base::Result<void> {
    fuzz::check(!object.named || !object.name.empty());
    decoded.unreadable.push_back(std::move(object));
    return {};
  };
}

Decoded decode(StreamDecoder& decoder, Decoded& decoded, std::string_view input, std::size_t piece) {
  decoded.good =
      fuzz::in_pieces(input, piece, [&](std::string_view bytes) { return decoder.feed(bytes).has_value(); }) &&
      decoder.finish().has_value();
  return decoded;
}

template <class T>
Decoded list(Encoding encoding, std::string_view input, std::size_t piece) {
  Decoded decoded;
  const auto on_object = [&decoded](T&& object) -> base::Result<void> {
    decoded.names.push_back(object.meta.ns + "/" + object.meta.name);
    return {};
  };
  const auto decoder = make_list_decoder<T>(encoding, projection, limits, on_object, keep(decoded));
  return decode(*decoder, decoded, input, piece);
}

template <class T>
Decoded watch(Encoding encoding, std::string_view input, std::size_t piece) {
  Decoded decoded;
  WatchEvents<T> events;
  events.on_object = [&decoded](EventType, T&& object) -> base::Result<void> {
    decoded.names.push_back(object.meta.ns + "/" + object.meta.name);
    return {};
  };
  events.on_unreadable = [on = keep(decoded)](EventType, Unreadable&& object) { return on(std::move(object)); };
  events.on_bookmark = [](const Bookmark&) -> base::Result<void> { return {}; };
  events.on_error = [](const Status&) -> base::Result<void> { return {}; };
  const auto decoder = make_watch_decoder<T>(encoding, projection, limits, std::move(events));
  return decode(*decoder, decoded, input, piece);
}

template <class T>
void try_kind(bool is_list, Encoding encoding, std::string_view input, std::size_t piece) {
  const auto whole = is_list ? list<T>(encoding, input, 0) : watch<T>(encoding, input, 0);
  const auto cut = is_list ? list<T>(encoding, input, piece) : watch<T>(encoding, input, piece);
  fuzz::check(whole == cut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const auto choice = fuzz::take_choice(input);
  const std::size_t piece = 1 + fuzz::take_choice(input) % 64;
  const auto encoding = (choice & 1) != 0 ? Encoding::json : Encoding::protobuf;
  const bool is_list = (choice & 2) != 0;
  switch (choice >> 2 & 3) {
    case 0:
      try_kind<Pod>(is_list, encoding, input, piece);
      break;
    case 1:
      try_kind<Service>(is_list, encoding, input, piece);
      break;
    case 2:
      try_kind<Namespace>(is_list, encoding, input, piece);
      break;
    default:
      try_kind<EndpointSlice>(is_list, encoding, input, piece);
  }
  if ((choice & 128) != 0)
    decode_status(500, encoding == Encoding::json ? "application/json" : "application/vnd.kubernetes.protobuf", input);
  return 0;
}
