#include "k8sclient/decode/protobuf_fields.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"

namespace k8s::pb {
namespace {

Status::Cause read_cause(std::string_view message) {
  Status::Cause cause;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        cause.reason = text(r);
        break;
      case 2:
        cause.message = text(r);
        break;
      case 3:
        cause.field = text(r);
        break;
      default:
        break;
    }
  });
  return cause;
}

void read_details(std::string_view message, Status& status) {
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 4:
        status.causes.push_back(read_cause(bytes(r)));
        break;
      case 5: {
        const auto seconds = int32(r);
        if (seconds > 0) status.retry_after = std::chrono::seconds(seconds);
        break;
      }
      default:
        break;
    }
  });
}

KeyValue read_key_value(std::string_view message) {
  KeyValue out;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        out.first = text(r);
        break;
      case 2:
        out.second = text(r);
        break;
      default:
        break;
    }
  });
  return out;
}

// A varint at the beginning of `rest`, which is taken away. Most have one byte or two.
inline std::uint64_t take_varint(std::string_view& rest) {
  const auto byte = [&rest](std::size_t at) { return static_cast<unsigned char>(rest[at]); };
  Varint read;
  if (!rest.empty() && byte(0) < 0x80)
    read = {byte(0), 1};
  else if (rest.size() > 1 && byte(1) < 0x80)
    read = {byte(0) - 0x80U + (std::uint64_t{byte(1)} << 7), 2};
  else
    read = read_varint(rest);
  if (read.size == 0) throw protozero::end_of_buffer_exception();
  rest.remove_prefix(read.size);
  return read.value;
}

// Of the bytes after a field's head.
std::uint64_t take_length(Wire wire, std::string_view& rest) {
  switch (wire) {
    case Wire::length_delimited:
      return take_varint(rest);
    case Wire::fixed64:
      return 8;
    case Wire::fixed32:
      return 4;
    default:
      throw protozero::unknown_pbf_wire_type_exception();
  }
}

}  // namespace

Reader Reader::after(Reader reader) {
  // Source: https://protobuf.dev/programming-guides/proto3/#assigning
  constexpr std::uint32_t first_reserved = 19'000, last_reserved = 19'999;
  std::string_view rest(reader.at_, static_cast<std::size_t>(reader.end_ - reader.at_));
  const auto key = static_cast<std::uint32_t>(take_varint(rest));
  reader.tag_ = key >> 3;
  reader.wire_ = static_cast<Wire>(key & 7);
  if (reader.tag_ == 0 || (reader.tag_ >= first_reserved && reader.tag_ <= last_reserved))
    throw protozero::invalid_tag_exception();
  if (reader.wire_ == Wire::varint) {
    reader.number_ = take_varint(rest);
  } else {
    const auto length = take_length(reader.wire_, rest);
    if (length > rest.size()) throw protozero::end_of_buffer_exception();
    reader.content_ = rest.substr(0, static_cast<std::size_t>(length));
    rest.remove_prefix(reader.content_.size());
  }
  reader.at_ = rest.data();
  return reader;
}

ListMeta read_list_meta(std::string_view message) {
  ListMeta meta;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 2:
        meta.resource_version = parse_resource_version(text(r));
        break;
      case 3:
        meta.continue_token = text(r);
        break;
      default:
        break;
    }
  });
  return meta;
}

Status read_status(std::string_view message) {
  Status status;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 3:
        status.message = text(r);
        break;
      case 4:
        status.reason = text(r);
        break;
      case 5:
        read_details(bytes(r), status);
        break;
      case 6:
        status.code = int32(r);
        break;
      default:
        break;
    }
  });
  return status;
}

std::uint64_t read_object_version(std::string_view object) {
  std::uint64_t version = 0;
  each(object, [&](const Reader& r) {
    if (r.tag() != 1) return;
    each(bytes(r), [&](const Reader& meta) {
      if (meta.tag() != 6) return;
      version = parse_resource_version(text(meta));
    });
  });
  return version;
}

std::vector<KeyValue> read_annotations(std::string_view object) {
  std::vector<KeyValue> out;
  each(object, [&](const Reader& r) {
    if (r.tag() != 1) return;
    each(bytes(r), [&](const Reader& meta) {
      if (meta.tag() != 12) return;
      out.push_back(read_key_value(bytes(meta)));
    });
  });
  return out;
}

void read_type(std::string_view meta, std::string_view& api_version, std::string_view& kind) {
  each(meta, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        api_version = text(r);
        break;
      case 2:
        kind = text(r);
        break;
      default:
        break;
    }
  });
}

Envelope read_envelope(std::string_view all) {
  if (all.substr(0, magic.size()) != magic) malformed("the protobuf envelope does not begin with 'k8s\\0'");
  Envelope envelope;
  each(all.substr(magic.size()), [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        read_type(bytes(r), envelope.api_version, envelope.kind);
        break;
      case 2:
        envelope.raw = bytes(r);
        break;
      case 3:
        if (!bytes(r).empty()) malformed("the content has a second encoding (contentEncoding)");
        break;
      default:
        break;
    }
  });
  return envelope;
}

}  // namespace k8s::pb
