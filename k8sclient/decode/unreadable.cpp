#include "k8sclient/decode/unreadable.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_document.hpp"
#include "k8sclient/decode/protobuf_fields.hpp"
#include "k8sclient/decode/protobuf_objects.hpp"

namespace k8s {
namespace {

bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }

// The same as parse_resource_version(), with 0 for any other text.
std::uint64_t version_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

std::string fit_identity(std::string_view text) {
  constexpr std::size_t longest = 253;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == ':';
  };
  return text.size() <= longest && std::all_of(text.begin(), text.end(), fits) ? std::string(text) : std::string();
}

std::string fit_reason(std::string_view why) {
  constexpr std::size_t longest = 200;
  std::string out(why.substr(0, longest));
  std::replace_if(out.begin(), out.end(), [](char c) { return !is_printable(c); }, '?');
  return why.size() > longest ? out + "..." : out;
}

namespace pb {
namespace {

// The fields of a message in sequence, as far as they can be read. A content that extends over the end is returned as
// far as it is present.
class Fields {
 public:
  explicit Fields(std::string_view rest) : rest_(rest) {}

  std::uint64_t number = 0;
  std::string_view content;  // of a field with a length; empty for others
  bool whole = true;         // the content is complete

  bool next() {
    std::uint64_t tag = 0, length = 0;
    if (!whole || !varint(tag)) return false;
    number = tag >> 3;
    content = {};
    switch (tag & 7) {
      case 0:
        return varint(length);
      case 1:
        return skip(8);
      case 5:
        return skip(4);
      case 2:
        break;
      default:
        return false;
    }
    if (!varint(length)) return false;
    whole = length <= rest_.size();
    content = rest_.substr(0, whole ? static_cast<std::size_t>(length) : rest_.size());
    rest_.remove_prefix(content.size());
    return true;
  }

 private:
  bool varint(std::uint64_t& value) {
    try {
      const auto read = read_varint(rest_);
      value = read.value;
      rest_.remove_prefix(read.size);
      return read.size > 0;
    } catch (const DecodeFailure&) {
      return false;
    }
  }
  bool skip(std::size_t bytes) {
    if (rest_.size() < bytes) return false;
    rest_.remove_prefix(bytes);
    return true;
  }

  std::string_view rest_;
};

void read_meta(std::string_view bytes, Unreadable& out) {
  for (Fields meta(bytes); meta.next() && meta.whole;) {
    if (meta.number == 1) out.name = fit_identity(meta.content);
    if (meta.number == 3) out.ns = fit_identity(meta.content);
    if (meta.number == 5) out.uid = fit_identity(meta.content);
    if (meta.number == 6) out.resource_version = version_of(meta.content);
  }
}

}  // namespace

Unreadable read_identity(std::string_view object) {
  Unreadable out;
  for (Fields fields(object); fields.next();)
    if (fields.number == 1) read_meta(fields.content, out);
  return out;
}

Unreadable read_identity_of_event(std::string_view frame, std::string& type, std::string& kind) {
  Unreadable out;
  for (Fields event(frame); event.next();) {
    if (event.number == 1) type = fit_identity(event.content);
    if (event.number != 2) continue;
    for (Fields extension(event.content); extension.next();) {
      if (extension.number != 1 || !extension.content.starts_with(magic)) continue;
      for (Fields unknown(extension.content.substr(magic.size())); unknown.next();) {
        if (unknown.number == 2) out = read_identity(unknown.content);
        if (unknown.number != 1) continue;
        for (Fields names(unknown.content); names.next();)
          if (names.number == 2) kind = fit_identity(names.content);
      }
    }
  }
  return out;
}

}  // namespace pb

namespace js {
namespace {

using Json = nlohmann::json;

// Parses a JSON text, complete or not, and keeps the few texts that are needed.
class Listener final : public Json::json_sax_t {
 public:
  explicit Listener(bool event) : object_depth_(event ? 2 : 1), meta_(event ? "object" : "") {}

  Unreadable found;
  std::string type, kind;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& text) override {
    if (depth_ == 1 && object_depth_ == 2 && keys_[1] == "type") type = fit_identity(text);
    if (!inside_object()) return true;
    if (depth_ == object_depth_ && keys_[depth_] == "kind") kind = fit_identity(text);
    if (depth_ != object_depth_ + 1 || keys_[object_depth_] != "metadata") return true;
    const auto& key = keys_[depth_];
    if (key == "name") found.name = fit_identity(text);
    if (key == "namespace") found.ns = fit_identity(text);
    if (key == "uid") found.uid = fit_identity(text);
    if (key == "resourceVersion") found.resource_version = version_of(text);
    return true;
  }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& text) override {
    if (depth_ < keys_.size()) keys_[depth_] = text.size() < longest_key ? text : string_t();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  static constexpr std::size_t longest_key = 64;

  bool inside_object() const {
    return depth_ < keys_.size() && (object_depth_ == 1 || (depth_ >= 2 && keys_[1] == meta_));
  }
  bool open() {
    if (++depth_ < keys_.size()) keys_[depth_].clear();
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  std::size_t object_depth_;  // of the object's members
  std::string meta_;          // the member that contains the object
  std::size_t depth_ = 0;
  std::vector<std::string> keys_ = std::vector<std::string>(4);  // the last key at each relevant depth
};

Unreadable listen(std::string_view text, bool event, std::string& type, std::string& kind) {
  // Bytes beyond ASCII may be invalid UTF-8, which ends the parser; no needed text contains any.
  std::string ascii(text);
  std::replace_if(ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  Listener listener(event);
  Json::sax_parse(ascii, &listener, Json::input_format_t::json, /*strict=*/false);
  type = std::move(listener.type);
  kind = std::move(listener.kind);
  return std::move(listener.found);
}

}  // namespace

Unreadable read_identity(std::string_view object) {
  std::string type, kind;
  return listen(object, false, type, kind);
}

Unreadable read_identity(Value object) {
  const Value meta = object.member("metadata");
  std::string room;
  const auto of = [&](std::string_view key) {
    const Value value = meta.member(key);
    return value.is_text() ? value.characters(room) : std::string_view();
  };
  Unreadable out;
  out.name = fit_identity(of("name"));
  out.ns = fit_identity(of("namespace"));
  out.uid = fit_identity(of("uid"));
  out.resource_version = version_of(of("resourceVersion"));
  return out;
}

Unreadable read_identity_of_event(std::string_view line, std::string& type, std::string& kind) {
  return listen(line, true, type, kind);
}

}  // namespace js
}  // namespace k8s
