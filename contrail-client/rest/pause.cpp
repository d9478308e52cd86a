#include "contrail-client/rest/pause.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <string>

namespace contrail {
namespace {

using std::chrono::seconds;

// Seconds since 1970 of an IMF-fixdate, "Fri, 31 Dec 1999 23:59:59 GMT"; the obsolete forms are not read.
std::optional<seconds> date_of(const std::string& text) {
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (!end || *end != '\0') return std::nullopt;
  return seconds(::timegm(&time));
}

std::optional<seconds> until(const std::string& date, const net::Headers& headers) {
  const auto* now = net::find_header(headers, "Date");
  const auto from = now ? date_of(*now) : std::nullopt, to = date_of(date);
  if (!from || !to || *to <= *from) return std::nullopt;
  return std::min(*to - *from, longest_pause);
}

}  // namespace

std::optional<seconds> pause_after(int status, const net::Headers& headers) {
  if (status != 429 && status != 502 && status != 503 && status != 504) return std::nullopt;
  const auto* text = net::find_header(headers, "Retry-After");
  if (!text) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc::result_out_of_range) return longest_pause;
  if (error != std::errc() || end != text->data() + text->size()) return until(*text, headers);
  if (number == 0) return std::nullopt;
  return std::min(seconds(number), longest_pause);
}

}  // namespace contrail
