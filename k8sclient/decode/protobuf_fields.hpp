#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>

#include "base/utf8.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/text.hpp"

// Reading fields with a check of their wire type: protozero only asserts it.
namespace k8s::pb {

using Reader = protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;

// A varint at the beginning of `bytes`; size 0: it is incomplete.
struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;
};
inline Varint read_varint(std::string_view bytes) {
  const char* at = bytes.data();
  try {
    const auto value = protozero::decode_varint(&at, bytes.data() + bytes.size());
    return {value, static_cast<std::size_t>(at - bytes.data())};
  } catch (const protozero::end_of_buffer_exception&) {
    return {};
  } catch (const protozero::varint_too_long_exception&) {
    malformed("a number has more than ten bytes");
  }
}

inline void expect(const Reader& reader, Wire wire) {
  if (reader.wire_type() != wire)
    malformed("field " + std::to_string(reader.tag()) + " has wire type " +
              std::to_string(static_cast<unsigned>(reader.wire_type())) + " instead of " +
              std::to_string(static_cast<unsigned>(wire)));
}

inline Reader message(Reader& reader) {
  expect(reader, Wire::length_delimited);
  return reader.get_message();
}

inline std::string_view bytes(Reader& reader) {
  expect(reader, Wire::length_delimited);
  const auto view = reader.get_view();
  return {view.data(), view.size()};
}

inline std::string_view text(Reader& reader) {
  const auto tag = reader.tag();
  const auto view = bytes(reader);
  if (!base::is_utf8(view)) malformed("field " + std::to_string(tag) + " is not UTF-8");
  return view;
}

inline bool boolean(Reader& reader) {
  expect(reader, Wire::varint);
  return reader.get_bool();
}

inline std::int64_t int64(Reader& reader) {
  expect(reader, Wire::varint);
  return reader.get_int64();
}

// Negative numbers are encoded in ten bytes, so both widths are read the same way.
inline std::int32_t int32(Reader& reader) {
  using Limits = std::numeric_limits<std::int32_t>;
  const auto tag = reader.tag();
  const auto value = int64(reader);
  if (value < Limits::min() || value > Limits::max()) malformed("field " + std::to_string(tag) + " is out of range");
  return static_cast<std::int32_t>(value);
}

// Calls `field(reader)` for each field; it must read or skip it.
template <class Field>
void each(Reader reader, Field field) {
  while (reader.next()) field(reader);
}

}  // namespace k8s::pb
