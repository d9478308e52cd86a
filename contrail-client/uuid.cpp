#include "contrail-client/uuid.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace contrail {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr auto values = make_values();

constexpr std::size_t text_size = 36;
constexpr bool dash_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

using Digest = std::array<std::uint8_t, 20>;

// Fetching an algorithm and making a context are the expensive parts of a digest in OpenSSL 3, so each is done once.
// Boost.UUID's name generator needs less code, but with it the creation of a Pod took 13 % more instructions
// (tests/bench/growth/gate).
Digest sha1(std::string_view first, std::string_view second) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                                            &EVP_MD_CTX_free};
  Digest digest{};
  unsigned size = 0;
  const bool done = algorithm != nullptr && context != nullptr &&
                    EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
  // Without SHA-1 every identity would be wrong: the program cannot continue.
  if (!done) std::abort();
  return digest;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  Uuid id;
  std::size_t position = 0;
  for (auto& byte : id.bytes) {
    if (dash_at(position)) {
      if (text[position] != '-') return std::nullopt;
      ++position;
    }
    const auto high = values[static_cast<unsigned char>(text[position])];
    const auto low = values[static_cast<unsigned char>(text[position + 1])];
    if ((high | low) == no_digit) return std::nullopt;
    byte = static_cast<std::uint8_t>(high << 4 | low);
    position += 2;
  }
  return id;
}

std::string Uuid::text() const {
  std::string out;
  out.reserve(text_size);
  append_to(out);
  return out;
}

void Uuid::append_to(std::string& out) const {
  std::array<char, text_size> text{};
  std::size_t position = 0;
  for (const auto byte : bytes) {
    if (dash_at(position)) text[position++] = '-';
    text[position++] = digits[byte >> 4];
    text[position++] = digits[byte & 15];
  }
  out.append(text.data(), text.size());
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  const auto digest =
      sha1({reinterpret_cast<const char*>(name_space.bytes.data()), name_space.bytes.size()}, name);  // NOLINT
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x50);  // version 5
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // the variant of RFC 4122
  return id;
}

}  // namespace contrail
