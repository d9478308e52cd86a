#include "k8sclient/decode/protobuf_fields.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"

namespace k8s::pb {
namespace {

Reader reader_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

Status::Cause read_cause(Reader reader) {
  Status::Cause cause;
  each(std::move(reader), [&](Reader& r) {
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
        r.skip();
    }
  });
  return cause;
}

void read_details(Reader reader, Status& status) {
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 4:
        status.causes.push_back(read_cause(message(r)));
        break;
      case 5: {
        const auto seconds = int32(r);
        if (seconds > 0) status.retry_after = std::chrono::seconds(seconds);
        break;
      }
      default:
        r.skip();
    }
  });
}

KeyValue read_key_value(Reader reader) {
  KeyValue out;
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        out.first = text(r);
        break;
      case 2:
        out.second = text(r);
        break;
      default:
        r.skip();
    }
  });
  return out;
}

}  // namespace

ListMeta read_list_meta(std::string_view bytes) {
  ListMeta meta;
  each(reader_of(bytes), [&](Reader& r) {
    switch (r.tag()) {
      case 2:
        meta.resource_version = parse_resource_version(text(r));
        break;
      case 3:
        meta.continue_token = text(r);
        break;
      default:
        r.skip();
    }
  });
  return meta;
}

Status read_status(std::string_view bytes) {
  Status status;
  each(reader_of(bytes), [&](Reader& r) {
    switch (r.tag()) {
      case 3:
        status.message = text(r);
        break;
      case 4:
        status.reason = text(r);
        break;
      case 5:
        read_details(message(r), status);
        break;
      case 6:
        status.code = int32(r);
        break;
      default:
        r.skip();
    }
  });
  return status;
}

std::uint64_t read_object_version(std::string_view object) {
  std::uint64_t version = 0;
  each(reader_of(object), [&](Reader& r) {
    if (r.tag() != 1) return r.skip();
    each(message(r), [&](Reader& meta) {
      if (meta.tag() != 6) return meta.skip();
      version = parse_resource_version(text(meta));
    });
  });
  return version;
}

std::vector<KeyValue> read_annotations(std::string_view object) {
  std::vector<KeyValue> out;
  each(reader_of(object), [&](Reader& r) {
    if (r.tag() != 1) return r.skip();
    each(message(r), [&](Reader& meta) {
      if (meta.tag() != 12) return meta.skip();
      out.push_back(read_key_value(message(meta)));
    });
  });
  return out;
}

void read_type(std::string_view meta, std::string_view& api_version, std::string_view& kind) {
  each(reader_of(meta), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        api_version = text(r);
        break;
      case 2:
        kind = text(r);
        break;
      default:
        r.skip();
    }
  });
}

Envelope read_envelope(std::string_view all) {
  if (all.substr(0, magic.size()) != magic) malformed("the protobuf envelope does not begin with 'k8s\\0'");
  Envelope envelope;
  each(reader_of(all.substr(magic.size())), [&](Reader& r) {
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
        r.skip();
    }
  });
  return envelope;
}

}  // namespace k8s::pb
