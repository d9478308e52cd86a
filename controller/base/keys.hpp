#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/packed_text.hpp"
#include "k8sclient/api/digest.hpp"

namespace knm {

// A digest of a long text that is only compared.
inline std::uint64_t text_digest(std::string_view text) { return k8s::digest(text); }

// text_digest() of texts of which the same comes many times in a row.
class RepeatedTextDigest {
 public:
  std::uint64_t of(std::string_view text) {
    if (text != text_) text_ = text, digest_ = text_digest(text);
    return digest_;
  }

 private:
  std::string text_;
  std::uint64_t digest_ = text_digest({});
};

// Keys of Pods and Services: "ns/name".
using ObjectKey = std::string;
// The same, stored as long as the cluster has the object: all references to it share one text.
using ObjectName = PackedText;

// A tier of a Namespace: "ns/tier".
using TierKey = std::string;

TierKey tier_key(std::string_view ns, std::string_view tier);
std::string_view ns_of(std::string_view key);    // of "ns/name"
std::string_view name_of(std::string_view key);  // of "ns/name"

}  // namespace knm
