#include "base/base64.hpp"

#include <openssl/evp.h>

namespace base {

std::optional<std::string> decode_base64(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') digits += c;
  const auto size = digits.find_last_not_of('=') + 1;
  const auto given = digits.size() - size, missing = (4 - size % 4) % 4;
  // Padding is complete or absent.
  if (missing == 3 || (given != 0 && given != missing) || digits.find('=') < size) return std::nullopt;
  digits.resize(size + missing, '=');
  std::string out(digits.size() / 4 * 3, '\0');
  const auto made =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),  // NOLINT: bytes are bytes
                      reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size()));
  // EVP_DecodeBlock stops at what it takes for the end of the text.
  if (made < 0 || static_cast<std::size_t>(made) != out.size()) return std::nullopt;
  out.resize(out.size() - missing);
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with a zero
  const auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),  // NOLINT: bytes are bytes
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace base
