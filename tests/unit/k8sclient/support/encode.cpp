#include "tests/unit/k8sclient/support/encode.hpp"

namespace test {
namespace {

std::string varint(unsigned long long n) {
  std::string out;
  for (; n >= 0x80; n >>= 7) out += static_cast<char>((n & 0x7f) | 0x80);
  return out + static_cast<char>(n);
}

}  // namespace

std::string field(unsigned number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string number_field(unsigned number, unsigned long long n) { return varint(number << 3) + varint(n); }

std::string object(const std::string& name, unsigned long long version, const std::string& uid) {
  return field(1, field(1, name) + field(3, "ns") + field(5, uid) + field(6, std::to_string(version)));
}

std::string envelope(const std::string& api_version, const std::string& kind, const std::string& raw) {
  return std::string("k8s\0", 4) + field(1, field(1, api_version) + field(2, kind)) + field(2, raw) + field(3, "") +
         field(4, "");
}

std::string list(const std::string& kind, unsigned long long version, const std::vector<std::string>& items,
                 const std::string& continue_token) {
  std::string raw = field(1, field(2, std::to_string(version)) + field(3, continue_token));
  for (const auto& item : items) raw += field(2, item);
  return envelope("v1", kind + "List", raw);
}

std::string frame(const std::string& type, const std::string& kind, const std::string& raw) {
  const std::string event = field(1, type) + field(2, field(1, envelope("v1", kind, raw)));
  std::string prefix;
  for (int shift = 24; shift >= 0; shift -= 8) prefix += static_cast<char>(event.size() >> shift & 0xff);
  return prefix + event;
}

std::string status(int code, const std::string& reason, const std::string& message, int retry_after) {
  std::string details;
  if (retry_after > 0) details = field(5, number_field(5, static_cast<unsigned>(retry_after)));
  return field(2, "Failure") + field(3, message) + field(4, reason) + details +
         number_field(6, static_cast<unsigned>(code));
}

}  // namespace test
