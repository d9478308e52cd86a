#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// A JSON text (RFC 8259) that is read once and stays as it is: an index of eight bytes for each value and name shows
// where they are. A reader visits what it needs and steps over everything else; texts are copied only on request.
namespace k8s::js {

// The place of a value, or of a member's name.
struct Node {
  static constexpr std::uint32_t longest = ~std::uint32_t{0} >> 1;

  std::uint32_t begin;        // of the value in the text
  std::uint32_t extent : 31;  // of an object or array: its nodes, itself included; of others: bytes between the quotes
  std::uint32_t escaped : 1;  // a text with escapes
};

// A value, or the name of a member, which is a text. Valid as long as its Document and that one's text.
class Value {
 public:
  Value() = default;  // absent: none of the kinds
  Value(const char* text, const Node* node) : text_(text), node_(node) {}
  explicit operator bool() const { return node_ != nullptr; }

  bool is_object() const { return begins_with('{'); }
  bool is_array() const { return begins_with('['); }
  bool is_text() const { return begins_with('"'); }
  bool is_null() const { return begins_with('n'); }
  bool is_true() const { return begins_with('t'); }
  bool is_boolean() const { return is_true() || begins_with('f'); }

  // Of a text: its characters, in `room` if they are written with escapes.
  std::string_view characters(std::string& room) const;
  // Neither object, array nor text.
  bool is_scalar() const { return node_ && !is_object() && !is_array() && !is_text(); }
  // Of a scalar: as it is written.
  std::string_view written() const { return {text_ + node_->begin, node_->extent}; }

  // Whether an object has no members, or an array no elements.
  bool is_empty() const { return node_->extent == 1; }
  // The member of an object; the last one if several have that name. Absent: there is none, or this is no object.
  Value member(std::string_view name) const;

  // Calls take(name, value) for each member of an object, in the order of the text; names may repeat.
  template <class Take>
  void each_member(Take take) const {
    const Node* const end = node_ + node_->extent;
    for (const Node* at = node_ + 1; at != end;) {
      const Value name(text_, at), value(text_, at + 1);
      at = value.after();
      take(name, value);
    }
  }
  // Calls take(value) for each element of an array.
  template <class Take>
  void each_element(Take take) const {
    const Node* const end = node_ + node_->extent;
    for (const Node* at = node_ + 1; at != end;) {
      const Value value(text_, at);
      at = value.after();
      take(value);
    }
  }

 private:
  bool begins_with(char c) const { return node_ && text_[node_->begin] == c; }
  const Node* after() const { return node_ + (is_object() || is_array() ? node_->extent : 1); }
  // What stands between the quotes.
  std::string_view quoted() const { return {text_ + node_->begin + 1, node_->extent}; }

  const char* text_ = nullptr;
  const Node* node_ = nullptr;
};

class Document {
 public:
  // Reads a text, which must outlive the values; false: it is not JSON. Numbers beyond a double count as not JSON.
  // Throws DecodeFailure (errc::too_large) from 2 GiB on.
  bool parse(std::string_view text);
  // Valid after parse().
  Value root() const { return {text_, nodes_.get()}; }

 private:
  const char* text_ = nullptr;
  std::unique_ptr<Node[]> nodes_;
};

// A Document of a text that must be an object; throws DecodeFailure if it is not.
Document parse_object(std::string_view text);

}  // namespace k8s::js
