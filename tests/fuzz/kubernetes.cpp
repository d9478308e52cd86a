// Lists and watches of the Kubernetes API, and Status bodies, in both encodings: any bytes are objects, objects
// that cannot be read, or an error; and the same however the bytes are cut.
#include <string>
#include <vector>

#include "k8sclient/decode/stream.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace k8s;

const Projection projection{{"name", "uses"}, {"uses", "opencontrail.org/pod-state"}};
const DecodeLimits limits{.object_bytes = 600, .envelope_bytes = 400};

struct Heard {
  std::vector<std::string> names;
  std::vector<Unreadable> unreadable;
  bool good = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

OnUnreadable keep(Heard& heard) {
  return [&heard](Unreadable&& object) -> base::Result<void> {
    fuzz::check(!object.named || !object.name.empty());
    heard.unreadable.push_back(std::move(object));
    return {};
  };
}

Heard decode(StreamDecoder& decoder, Heard& heard, std::string_view input, std::size_t piece) {
  heard.good = fuzz::in_pieces(input, piece, [&](std::string_view bytes) { return decoder.feed(bytes).has_value(); }) &&
               decoder.finish().has_value();
  return heard;
}

template <class T>
Heard list(Encoding encoding, std::string_view input, std::size_t piece) {
  Heard heard;
  const auto on_object = [&heard](T&& object) -> base::Result<void> {
    heard.names.push_back(object.meta.ns + "/" + object.meta.name);
    return {};
  };
  const auto decoder = make_list_decoder<T>(encoding, projection, limits, on_object, keep(heard));
  return decode(*decoder, heard, input, piece);
}

template <class T>
Heard watch(Encoding encoding, std::string_view input, std::size_t piece) {
  Heard heard;
  WatchEvents<T> events;
  events.on_object = [&heard](EventType, T&& object) -> base::Result<void> {
    heard.names.push_back(object.meta.ns + "/" + object.meta.name);
    return {};
  };
  events.on_unreadable = [on = keep(heard)](EventType, Unreadable&& object) { return on(std::move(object)); };
  events.on_bookmark = [](std::uint64_t) -> base::Result<void> { return {}; };
  events.on_error = [](const Status&) -> base::Result<void> { return {}; };
  const auto decoder = make_watch_decoder<T>(encoding, projection, limits, std::move(events));
  return decode(*decoder, heard, input, piece);
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
