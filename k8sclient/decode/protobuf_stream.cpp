#include "k8sclient/decode/protobuf_stream.hpp"

#include <algorithm>
#include <utility>

#include "base/cut.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/protobuf_fields.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"

namespace k8s::pb {
namespace {

// Thrown to leave the decoder when a callback returned an error, which is stored separately.
struct Refused {};

// The head of a field: its number, and the length after it. `size` 0: it is incomplete.
struct FieldHead {
  std::uint64_t field = 0;
  Wire wire = Wire::unknown;
  std::uint64_t length = 0;  // of the bytes after the head
  std::size_t size = 0;
};

FieldHead read_head(std::string_view bytes) {
  FieldHead head;
  const Varint tag = read_varint(bytes);
  if (tag.size == 0) return head;
  head.field = tag.value >> 3;
  if (head.field == 0 || head.field > 0x1fffffff) malformed("a field has an impossible number");
  head.wire = static_cast<Wire>(tag.value & 7);
  const auto rest = bytes.substr(tag.size);
  switch (head.wire) {
    case Wire::fixed64:
      head.length = 8;
      break;
    case Wire::fixed32:
      head.length = 4;
      break;
    case Wire::varint:
      head.length = read_varint(rest).size;
      if (head.length == 0) return head;
      break;
    case Wire::length_delimited: {
      const Varint length = read_varint(rest);
      if (length.size == 0) return head;
      head.length = length.value;
      head.size = tag.size + length.size;
      return head;
    }
    default:
      malformed("a field has an unknown wire type");
  }
  head.size = tag.size;
  return head;
}

void check_length(std::uint64_t length, std::size_t limit, const char* what) {
  if (length > limit) throw DecodeFailure(errc::too_large, std::string(what) + " " + too_large(length, limit));
}

// How much of a frame shows what its length should be, and whether the event is one of an object of the kind: its type,
// the length of its object, and apiVersion and kind of that.
constexpr std::size_t frame_head = 128;

// Whether the fields at the beginning of an event fill its frame, but for a little that a later version may add. If
// not, the length before the frame is wrong, and what it covers are other frames.
bool fills(std::string_view beginning, std::uint64_t size) {
  constexpr std::uint64_t addition = 4096;
  std::uint64_t end = 0;
  while (end < beginning.size()) {
    const FieldHead head = read_head(beginning.substr(static_cast<std::size_t>(end)));
    if (head.size == 0) return true;
    if (head.length > size) return false;
    end += head.size + head.length;
  }
  return end <= size && size - end <= addition;
}

}  // namespace

void ElementBuffer::feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    if (pending_.empty()) {
      const Taken taken = take(bytes);
      if (taken.size == 0) {
        need_ = taken.need;
        pending_ = bytes;
        return;
      }
      bytes.remove_prefix(taken.size);
      continue;
    }
    const std::size_t step = std::min(bytes.size(), need_ > pending_.size() ? need_ - pending_.size() : 1);
    pending_.append(bytes.substr(0, step));
    bytes.remove_prefix(step);
    if (pending_.size() < need_) return;
    const Taken taken = take(pending_);
    need_ = taken.need;
    if (taken.size > 0) pending_.erase(0, taken.size);
  }
}

void Oversized::begin(std::uint64_t size) {
  left_ = size_ = size;
  beginning_.clear();
}

std::size_t Oversized::take(std::string_view bytes) {
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  if (beginning_.size() < identity_bytes)
    beginning_ += bytes.substr(0, std::min(used, identity_bytes - beginning_.size()));
  left_ -= used;
  return used;
}

ProtobufList::ProtobufList(ResourceName resource, DecodeLimits limits, OnItem on_item)
    : resource_(resource), limits_(limits), on_item_(std::move(on_item)) {}

std::string ProtobufList::what() const {
  return "decoding the protobuf list of " + std::string(resource_.plural) + " after " + std::to_string(items_) +
         " items";
}

base::Result<void> ProtobufList::feed(std::string_view bytes) {
  try {
    return guarded([this] { return what(); },
                   [&]() -> base::Result<void> {
                     buffer_.feed(bytes, [this](std::string_view all) { return take(all); });
                     return {};
                   });
  } catch (const Refused&) {
    return item_result_;
  }
}

base::Result<void> ProtobufList::finish() {
  if (!entered_ || raw_left_ > 0 || oversized_.under_way() || !buffer_.empty())
    return base::Error{errc::malformed, what() + ": it ends in the middle"};
  if (meta_.resource_version == 0) return base::Error{errc::malformed, what() + ": it has no resourceVersion"};
  return {};
}

ElementBuffer::Taken ProtobufList::take(std::string_view bytes) {
  if (oversized_.under_way()) {
    const std::size_t used = oversized_.take(bytes);
    if (!oversized_.under_way()) on_item(oversized_.beginning(), oversized_.size());
    return {used, 0};
  }
  if (begun_) return take_field(bytes);
  if (bytes.size() < magic.size()) return {0, magic.size()};
  if (bytes.substr(0, magic.size()) != magic) malformed("it does not begin with 'k8s\\0'");
  begun_ = true;
  return {magic.size(), 0};
}

// A field of Unknown, or of the list inside raw.
ElementBuffer::Taken ProtobufList::take_field(std::string_view bytes) {
  const bool inside = raw_left_ > 0;
  const FieldHead head = read_head(bytes);
  if (head.size == 0) {
    if (inside && bytes.size() >= raw_left_) malformed("a field exceeds the end of the list");
    return {0, bytes.size() + 1};
  }
  if (!inside && head.field == 2 && head.wire == Wire::length_delimited) {
    enter_raw(head.length);
    return {head.size, 0};
  }
  if (inside && (head.length > raw_left_ || head.size + head.length > raw_left_))
    malformed("a field exceeds the end of the list");
  const bool is_item = inside && head.field == 2 && head.wire == Wire::length_delimited;
  if (is_item && head.length > limits_.object_bytes) {
    raw_left_ -= head.size + head.length;
    oversized_.begin(head.length);
    return {head.size, 0};
  }
  check_length(head.length, is_item ? limits_.object_bytes : limits_.envelope_bytes, "an element");
  const std::size_t whole = head.size + static_cast<std::size_t>(head.length);
  if (bytes.size() < whole) return {0, whole};
  if (head.field <= 3 && head.wire != Wire::length_delimited && !(inside && head.field == 3))
    malformed("field " + std::to_string(head.field) + " has the wrong wire type");
  on_field(head.field, bytes.substr(head.size, static_cast<std::size_t>(head.length)));
  if (inside) raw_left_ -= whole;
  return {whole, 0};
}

void ProtobufList::enter_raw(std::uint64_t length) {
  if (!typed_) malformed("its content comes before its kind");
  if (entered_) malformed("it has two contents");
  entered_ = true;
  raw_left_ = length;
}

void ProtobufList::on_field(std::uint64_t field, std::string_view content) {
  if (raw_left_ == 0) {
    if (field == 3 && !content.empty()) malformed("the content has a second encoding (contentEncoding)");
    if (field != 1) return;
    std::string_view api_version, kind;
    read_type(content, api_version, kind);
    check_kind(api_version, kind, resource_.api_version, std::string(resource_.kind) + "List");
    typed_ = true;
  } else if (field == 1) {
    meta_ = read_list_meta(content);
  } else if (field == 2) {
    on_item(content, content.size());
  }
}

void ProtobufList::on_item(std::string_view content, std::uint64_t size) {
  item_result_ = on_item_(content, size);
  if (!item_result_) throw Refused{};
  ++items_;
}

ProtobufWatch::ProtobufWatch(ResourceName resource, DecodeLimits limits, Events events)
    : resource_(resource), limits_(limits), events_(std::move(events)) {}

std::string ProtobufWatch::what() const { return "decoding the protobuf watch of " + std::string(resource_.plural); }

base::Result<void> ProtobufWatch::feed(std::string_view bytes) {
  try {
    return guarded([this] { return what(); },
                   [&]() -> base::Result<void> {
                     buffer_.feed(bytes, [this](std::string_view all) { return take(all); });
                     return {};
                   });
  } catch (const Refused&) {
    return event_result_;
  }
}

base::Result<void> ProtobufWatch::finish() {
  if (oversized_.under_way() || !buffer_.empty())
    return base::Error{errc::malformed, what() + ": it ends inside an event"};
  return {};
}

ElementBuffer::Taken ProtobufWatch::take(std::string_view bytes) {
  constexpr std::size_t prefix = 4;
  if (oversized_.under_way()) return {take_oversized(bytes), 0};
  if (bytes.size() < prefix) return {0, prefix};
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < prefix; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  if (length > limits_.object_bytes) {
    oversized_.begin(length);
    return {prefix, 0};
  }
  const std::size_t head = std::min<std::size_t>(length, frame_head);
  if (bytes.size() < prefix + head) return {0, prefix + head};
  if (!fills(bytes.substr(prefix, head), length)) malformed("an event does not have the length of its frame");
  if (bytes.size() < prefix + length) return {0, prefix + length};
  event_result_ = on_frame(bytes.substr(prefix, length));
  if (!event_result_) throw Refused{};
  return {prefix + length, 0};
}

// Only the beginning of an event above the limit is kept. If that is not an event of an object, the framing cannot be
// trusted: its length may be any four bytes.
std::size_t ProtobufWatch::take_oversized(std::string_view bytes) {
  const bool told = oversized_.beginning().size() >= frame_head;
  const std::size_t used = oversized_.take(bytes);
  if ((told || oversized_.beginning().size() < frame_head) && oversized_.under_way()) return used;
  // The head alone decides first, however much has arrived with it.
  const auto head = oversized_.beginning().substr(0, frame_head);
  std::string type, kind;
  read_identity_of_event(head, type, kind);
  const auto is = event_type(type);
  if (!is || kind != resource_.kind || !fills(head, oversized_.size()))
    check_length(oversized_.size(), limits_.object_bytes, "an event");
  if (oversized_.under_way()) return used;
  Unreadable object = read_identity_of_event(oversized_.beginning(), type, kind);
  object.why = "an event " + too_large(oversized_.size(), limits_.object_bytes);
  event_result_ = events_.on_unreadable(*is, std::move(object));
  if (!event_result_) throw Refused{};
  return used;
}

base::Result<void> ProtobufWatch::on_frame(std::string_view frame) {
  std::string_view type, object;
  each(frame, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        type = text(r);
        break;
      case 2:
        each(bytes(r), [&](const Reader& extension) {
          if (extension.tag() != 1) return;
          object = pb::bytes(extension);
        });
        break;
      default:
        break;
    }
  });
  const Envelope envelope = read_envelope(object);
  if (type == "ERROR") {
    check_kind(envelope.api_version, envelope.kind, "v1", "Status");
    return events_.on_error(read_status(envelope.raw));
  }
  check_kind(envelope.api_version, envelope.kind, resource_.api_version, resource_.kind);
  if (const auto is = event_type(type)) return events_.on_object(*is, envelope.raw);
  if (type == "BOOKMARK") return events_.on_bookmark(read_bookmark(envelope.raw));
  malformed("an event has the unknown type '" + std::string(base::cut(type, 40)) + "'");
}

}  // namespace k8s::pb
