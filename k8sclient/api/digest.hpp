#pragma once

#include <cstdint>
#include <string_view>

namespace k8s {

// 64 bits that stand for a text, by SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, with
// one and three rounds) under the key of this process: who writes texts cannot make two with one digest. Means nothing
// to another process.
std::uint64_t digest(std::string_view text) noexcept;

// Sets the key. Before the first digest is taken; until then a constant one is used, as tests need it.
void set_digest_key(std::uint64_t first, std::uint64_t second) noexcept;

}  // namespace k8s
