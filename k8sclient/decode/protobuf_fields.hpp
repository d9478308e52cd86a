#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <protozero/exception.hpp>
#include <protozero/types.hpp>

#include "base/utf8.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/text.hpp"

// Reading fields with a check of their wire type. A field that is not read costs its head alone.
namespace k8s::pb {

using Wire = protozero::pbf_wire_type;

// A varint at the beginning of `bytes`; size 0: it is incomplete.
struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;
};
inline Varint read_varint(std::string_view bytes) {
  constexpr std::size_t longest = 10;
  std::uint64_t value = 0;
  for (std::size_t at = 0; at < bytes.size() && at < longest; ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    value |= std::uint64_t{byte & 0x7fU} << (7 * at);
    if (byte < 0x80) return {value, at + 1};
  }
  if (bytes.size() >= longest) malformed("a number has more than ten bytes");
  return {};
}

// The fields of a message in sequence. Throws DecodeFailure or an exception of protozero.
class Reader {
 public:
  explicit Reader(std::string_view message) : at_(message.data()), end_(at_ + message.size()) {}

  // The next field is the current one; false: there is none.
  bool next() {
    if (take_short()) return true;
    if (at_ == end_) return false;
    if (take_longer()) return true;
    *this = after(*this);
    return true;
  }

  std::uint32_t tag() const { return tag_; }
  Wire wire_type() const { return wire_; }
  std::string_view content() const { return content_; }  // of a field with a length
  std::uint64_t number() const { return number_; }       // of a varint

 private:
  // Most fields have one byte for their tag and wire type, and one for their length or number.
  bool take_short() {
    static_assert(std::endian::native == std::endian::little);
    constexpr unsigned long_or_fixed = 0x8085, tag_bits = 0x78, has_length = 2;
    std::uint16_t head = 0;
    if (end_ - at_ < 2) return false;
    std::memcpy(&head, at_, sizeof(head));
    const unsigned second = head >> 8;
    if ((head & long_or_fixed) != 0 || (head & tag_bits) == 0) return false;
    if ((head & has_length) != 0) {
      if (second > end_ - at_ - 2) return false;
      content_ = {at_ + 2, second};
      at_ += second;
    }
    number_ = second;
    tag_ = (head & tag_bits) >> 3;
    wire_ = static_cast<Wire>(head & 7);
    at_ += 2;
    return true;
  }
  // Nearly all others have one or two bytes for each of the two.
  bool take_longer() {
    constexpr unsigned neither_varint_nor_length = 5;
    std::uint32_t head = 0;
    if (end_ - at_ < 4) return false;
    std::memcpy(&head, at_, sizeof(head));
    std::ptrdiff_t size = 0;
    if (!is_short(head)) return false;
    const unsigned key = take_number(head, size);
    if (!is_short(head) || (key & neither_varint_nor_length) != 0 || key < 8) return false;
    number_ = take_number(head, size);
    const auto wire = static_cast<Wire>(key & 7);
    if (wire == Wire::length_delimited) {
      if (number_ > static_cast<std::uint64_t>(end_ - at_ - size)) return false;
      content_ = {at_ + size, number_};
      size += static_cast<std::ptrdiff_t>(number_);
    }
    tag_ = key >> 3;
    wire_ = wire;
    at_ += size;
    return true;
  }
  // Whether the number at the beginning of `head` has one or two bytes.
  static bool is_short(std::uint32_t head) { return (head & 0x8080) != 0x8080; }
  // Such a number, which is taken away.
  static unsigned take_number(std::uint32_t& head, std::ptrdiff_t& size) {
    const unsigned low = head & 0x7f, high = head >> 1 & 0x3f80;
    const unsigned bytes = 1 + (head >> 7 & 1);
    head >>= 8 * bytes;
    size += bytes;
    return bytes == 1 ? low : low | high;
  }
  // The reader at its next field, which may have any form. By value, so that a reader can stay in registers.
  static Reader after(Reader reader);

  const char* at_;
  const char* end_;
  std::uint32_t tag_ = 0;
  Wire wire_ = Wire::unknown;
  std::string_view content_;
  std::uint64_t number_ = 0;
};

[[noreturn]] inline void wrong_wire_type(const Reader& reader, Wire wire) {
  malformed("field " + std::to_string(reader.tag()) + " has wire type " +
            std::to_string(static_cast<unsigned>(reader.wire_type())) + " instead of " +
            std::to_string(static_cast<unsigned>(wire)));
}

inline void expect(const Reader& reader, Wire wire) {
  if (reader.wire_type() != wire) wrong_wire_type(reader, wire);
}

// A text that need not be UTF-8, or a message.
inline std::string_view bytes(const Reader& reader) {
  expect(reader, Wire::length_delimited);
  return reader.content();
}

inline std::string_view text(const Reader& reader) {
  const auto view = bytes(reader);
  if (!base::is_utf8(view)) malformed("field " + std::to_string(reader.tag()) + " is not UTF-8");
  return view;
}

inline std::int64_t int64(const Reader& reader) {
  expect(reader, Wire::varint);
  return static_cast<std::int64_t>(reader.number());
}

inline bool boolean(const Reader& reader) { return int64(reader) != 0; }

// Negative numbers are encoded in ten bytes, so both widths are read the same way.
inline std::int32_t int32(const Reader& reader) {
  using Limits = std::numeric_limits<std::int32_t>;
  const auto value = int64(reader);
  if (value < Limits::min() || value > Limits::max())
    malformed("field " + std::to_string(reader.tag()) + " is out of range");
  return static_cast<std::int32_t>(value);
}

// Calls `field(reader)` for each field of a message.
template <class Field>
void each(std::string_view message, Field field) {
  for (Reader reader(message); reader.next();) field(reader);
}

}  // namespace k8s::pb
