#include "contrail-client/rest/pause.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace contrail {

std::optional<std::chrono::seconds> pause_after(int status, const net::Headers& headers) {
  if (status != 429 && status != 503) return std::nullopt;
  const auto* text = net::find_header(headers, "Retry-After");
  if (!text) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc::result_out_of_range) return longest_pause;
  if (error != std::errc() || end != text->data() + text->size() || seconds == 0) return std::nullopt;
  return std::min(std::chrono::seconds(seconds), longest_pause);
}

}  // namespace contrail
