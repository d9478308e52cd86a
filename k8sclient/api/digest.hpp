#pragma once

#include <cstdint>
#include <string_view>

namespace k8s {

// A 64-bit digest of a text, by SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, with one
// and three rounds) under the key of this process: authors of texts cannot construct two with one digest. Not
// comparable between processes.
std::uint64_t digest(std::string_view text) noexcept;

// Sets the key; call before the first digest is computed. Until then a constant key is used, as tests need it.
void set_digest_key(std::uint64_t first, std::uint64_t second) noexcept;

}  // namespace k8s
