#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace contrail {

// The 128-bit id of a config object. All zero: none.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // The only form that the config API accepts: with dashes, lower case (8-4-4-4-12); nullopt: any other text.
  static std::optional<Uuid> parse(std::string_view text);
  std::string text() const;
  void append_to(std::string& out) const;  // as text()
  bool is_nil() const { return *this == Uuid{}; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// A name-based uuid of RFC 4122, section 4.3, with SHA-1 (version 5).
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

}  // namespace contrail

template <>
struct std::hash<contrail::Uuid> {
  std::size_t operator()(const contrail::Uuid& id) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>(high ^ (low * 0x9E3779B97F4A7C15ULL));
  }
};
