#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace standin {

/// 128 bits that order as their text does. All zero means "none".
struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Uuid&) const = default;
  explicit operator bool() const { return high != 0 || low != 0; }
};

/// The dashed, lower-case form.
std::string to_text(const Uuid& uuid);

/// Strict: the dashed, lower-case form only.
std::optional<Uuid> parse_uuid(std::string_view text);

/// Lenient, as Python's uuid.UUID(): any case, with or without dashes, braces and "urn:uuid:".
std::optional<Uuid> parse_uuid_leniently(std::string_view text);

/// The uuids that the server chooses: version 4 in form, the same sequence for the same seed.
class UuidGenerator {
 public:
  explicit UuidGenerator(std::uint64_t seed) : state_(seed) {}
  Uuid next();
  [[nodiscard]] std::uint64_t state() const { return state_; }

 private:
  std::uint64_t next_word();
  std::uint64_t state_;
};

}  // namespace standin

template <>
struct std::hash<standin::Uuid> {
  std::size_t operator()(const standin::Uuid& uuid) const noexcept {
    return static_cast<std::size_t>(uuid.high * 0x9e3779b97f4a7c15ULL ^ uuid.low * 0xff51afd7ed558ccdULL);
  }
};
