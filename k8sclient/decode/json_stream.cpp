#include "k8sclient/decode/json_stream.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_fields.hpp"
#include "k8sclient/decode/json_objects.hpp"

namespace k8s::js {
namespace {

Error too_large(const std::string& what, std::size_t limit) {
  return {errc::too_large, what + ": it exceeds the limit of " + std::to_string(limit) + " bytes"};
}

}  // namespace

JsonList::JsonList(ResourceName resource, DecodeLimits limits, OnItem on_item)
    : resource_(resource), limits_(limits), on_item_(std::move(on_item)) {}

std::string JsonList::what() const { return "decoding the JSON list of " + std::string(resource_.plural); }

Result<void> JsonList::feed(std::string_view bytes) {
  if (bytes.size() > limits_.list_bytes - text_.size()) return too_large(what(), limits_.list_bytes);
  text_ += bytes;
  return {};
}

Result<void> JsonList::finish() {
  return guarded([this] { return what(); }, [this] { return read(); });
}

Result<void> JsonList::read() {
  const Json list = parse(text_);
  text_ = std::string();
  check_kind(list, resource_.api_version, std::string(resource_.kind) + "List");
  meta_ = read_list_meta(list);
  if (meta_.resource_version == 0) malformed("it has no resourceVersion");
  Result<void> result;
  each(list, "items", [&](const Json& item) {
    if (result) result = on_item_(item);
  });
  return result;
}

JsonWatch::JsonWatch(ResourceName resource, DecodeLimits limits, Events events)
    : resource_(resource), limits_(limits), events_(std::move(events)) {}

std::string JsonWatch::what() const { return "decoding the JSON watch of " + std::string(resource_.plural); }

Result<void> JsonWatch::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (part.size() > limits_.object_bytes - line_.size())
      return too_large(what() + ": an event", limits_.object_bytes);
    if (end == std::string_view::npos) {
      line_ += part;
      return {};
    }
    bytes.remove_prefix(end + 1);
    const std::string whole = std::exchange(line_, {}) + std::string(part);
    if (auto taken = on_line(whole); !taken) return taken;
  }
  return {};
}

Result<void> JsonWatch::finish() {
  if (!line_.empty()) return Error{errc::malformed, what() + ": it ends inside of an event"};
  return {};
}

Result<void> JsonWatch::on_line(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  return guarded([this] { return what(); }, [&] { return on_event(parse(line)); });
}

Result<void> JsonWatch::on_event(const Json& event) {
  const std::string type = text(event, "type");
  const Json* content = object(event, "object");
  if (!content) malformed("an event has no object");
  if (type == "ERROR") {
    check_kind(*content, "v1", "Status");
    return events_.on_error(read_status(*content));
  }
  check_kind(*content, resource_.api_version, std::string(resource_.kind));
  if (type == "ADDED") return events_.on_object(EventType::added, *content);
  if (type == "MODIFIED") return events_.on_object(EventType::modified, *content);
  if (type == "DELETED") return events_.on_object(EventType::deleted, *content);
  if (type == "BOOKMARK") return events_.on_bookmark(read_object_version(*content));
  malformed("an event has the unknown type '" + type.substr(0, 40) + "'");
}

}  // namespace k8s::js
