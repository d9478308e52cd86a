#include "k8sclient/decode/json_stream.hpp"

#include <algorithm>
#include <utility>

#include "base/cut.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_fields.hpp"
#include "k8sclient/decode/json_objects.hpp"
#include "k8sclient/decode/text.hpp"

namespace k8s::js {
namespace {

// Thrown to leave the decoder when a callback returned an error, which is stored separately.
struct Refused {};

Document parse_member(std::string_view key, std::string_view value) {
  Document out;
  if (!out.parse(value)) malformed("its member '" + std::string(key) + "' is not JSON");
  return out;
}

ListMeta list_meta_of(Value metadata) {
  if (metadata.is_null()) return {};
  if (!metadata.is_object()) malformed_member("metadata", "is not an object");
  return read_list_meta(metadata);
}

}  // namespace

JsonList::JsonList(ResourceName resource, DecodeLimits limits, OnItem on_item)
    : resource_(resource),
      on_item_(std::move(on_item)),
      splitter_({limits.envelope_bytes, limits.object_bytes, std::min(identity_bytes, limits.object_bytes)},
                {[this](std::string_view key, std::string_view value) { on_member(key, value); },
                 [this](std::string_view text, std::uint64_t size) {
                   item_result_ = on_item_(text, size);
                   if (!item_result_) throw Refused{};
                   ++items_;
                 }}) {}

std::string JsonList::what() const {
  return "decoding the JSON list of " + std::string(resource_.plural) + " after " + std::to_string(items_) + " items";
}

base::Result<void> JsonList::feed(std::string_view bytes) {
  try {
    return guarded([this] { return what(); },
                   [&]() -> base::Result<void> {
                     if (splitter_.done() && bytes.find_first_not_of(" \t\r\n") != bytes.npos)
                       malformed("the list has text after its end");
                     splitter_.feed(bytes);
                     return {};
                   });
  } catch (const Refused&) {
    return item_result_;
  }
}

void JsonList::on_member(std::string_view key, std::string_view value) {
  if (key == "apiVersion" || key == "kind") {
    const Document document = parse_member(key, value);
    auto& of = (key == "kind" ? kind_ : api_version_).emplace();
    if (document.root().is_text()) assign(document.root(), of);
    if (kind_ && api_version_) check_kind();
  } else if (key == "metadata") {
    meta_ = list_meta_of(parse_member(key, value).root());
  } else if (key == "items") {
    if (value != "null") malformed("the items are not a list");
    has_items_ = true;
  }
}

void JsonList::check_kind() {
  k8s::check_kind(api_version_.value_or(""), kind_.value_or(""), resource_.api_version,
                  std::string(resource_.kind) + "List");
}

base::Result<void> JsonList::finish() {
  return guarded([this] { return what(); },
                 [&]() -> base::Result<void> {
                   if (!splitter_.done()) malformed("it is not JSON, or ends in the middle");
                   check_kind();
                   if (!has_items_ && !splitter_.has_items()) malformed("it has no items");
                   if (meta_.resource_version == 0) malformed("it has no resourceVersion");
                   return {};
                 });
}

JsonWatch::JsonWatch(ResourceName resource, DecodeLimits limits, Events events)
    : resource_(resource), limits_(limits), events_(std::move(events)) {}

std::string JsonWatch::what() const { return "decoding the JSON watch of " + std::string(resource_.plural); }

base::Result<void> JsonWatch::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (end == std::string_view::npos) return keep(part);
    bytes.remove_prefix(end + 1);
    auto taken = base::Result<void>();
    if (size_ == 0 && part.size() <= limits_.object_bytes) {
      taken = on_line(part);
    } else {
      taken = keep(part);
      if (taken) taken = on_line(line_);
      line_.clear();
      size_ = 0;
    }
    if (!taken) return taken;
  }
  return {};
}

// The whole line, or its beginning if it is above the limit. A line that cannot become one object is an error at once:
// its end may never come.
base::Result<void> JsonWatch::keep(std::string_view part) {
  const bool fitted = size_ <= limits_.object_bytes;
  size_ += part.size();
  if (size_ <= limits_.object_bytes) {
    line_ += part;
    return {};
  }
  if (fitted) {
    oversized_ = {};
    oversized_.feed(line_);
  }
  oversized_.feed(part);
  if (oversized_.broken()) return base::Error{errc::malformed, what() + ": a line is not one event"};
  const std::size_t most = std::min(identity_bytes, limits_.object_bytes);
  if (line_.size() < most) line_ += part.substr(0, most - line_.size());
  if (line_.size() > most) {
    line_.resize(most);
    line_.shrink_to_fit();
  }
  return {};
}

base::Result<void> JsonWatch::finish() {
  if (size_ > 0) return base::Error{errc::malformed, what() + ": it ends inside an event"};
  return {};
}

base::Result<void> JsonWatch::on_line(std::string_view line) {
  if (size_ <= limits_.object_bytes && line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  return guarded([this] { return what(); },
                 [&]() -> base::Result<void> {
                   if (size_ > limits_.object_bytes && oversized_.complete())
                     return on_damaged(line, {errc::too_large, "an event " + too_large(size_, limits_.object_bytes)});
                   Document event;
                   if (event.parse(line) && event.root().is_object()) return on_event(event.root());
                   OneObject object;
                   object.feed(line);
                   if (!object.complete()) malformed("a line is not one event");
                   return on_damaged(line, {errc::malformed, "an event is not JSON"});
                 });
}

// An unreadable object does not end the stream. An event without an object does.
base::Result<void> JsonWatch::on_damaged(std::string_view line, DecodeFailure why) {
  std::string type, kind;
  Unreadable object = read_identity_of_event(line, type, kind);
  const auto is = event_type(type);
  if (!is || kind != resource_.kind) throw std::move(why);
  object.why = why.what();
  return events_.on_unreadable(*is, std::move(object));
}

base::Result<void> JsonWatch::on_event(Value event) {
  const std::string type = text(event, "type");
  const Value content = object(event, "object");
  if (!content) malformed("an event has no object");
  if (type == "ERROR") {
    check_kind(content, "v1", "Status");
    return events_.on_error(read_status(content));
  }
  check_kind(content, resource_.api_version, resource_.kind);
  if (const auto is = event_type(type)) return events_.on_object(*is, content);
  if (type == "BOOKMARK") return events_.on_bookmark(read_bookmark(content));
  malformed("an event has the unknown type '" + std::string(base::cut(type, 40)) + "'");
}

}  // namespace k8s::js
