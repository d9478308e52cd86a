// The configuration in YAML: settings, or an error with a message.
#include "controller/config/parse.hpp"
#include "tests/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto settings = knm::parse_settings(fuzz::text_of(data, size), "fuzz.yaml");
  if (!settings) fuzz::check(!settings.error().message.empty());
  return 0;
}
