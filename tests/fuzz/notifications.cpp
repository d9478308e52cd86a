// Notifications of the config API. What is heard must not depend on the pieces.
#include <string>
#include <vector>

#include "contrail-client/watch/event_reader.hpp"
#include "tests/fuzz/input.hpp"

namespace {

namespace watch = contrail::watch;

struct Heard {
  std::vector<std::string> events;
  std::uint64_t changes = 0, comments = 0;
  bool good = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

std::string key_of(const watch::Event& event) {
  auto key = std::to_string(event.index());
  if (const auto* listed = std::get_if<watch::Listed>(&event)) key += listed->object.uuid.text();
  if (const auto* changed = std::get_if<watch::Changed>(&event)) key += changed->object.uuid.text();
  if (const auto* deleted = std::get_if<watch::Deleted>(&event)) key += deleted->uuid.text();
  if (const auto* unread = std::get_if<watch::Unread>(&event)) key += unread->object.part.uuid.text();
  return key;
}

Heard read(std::string_view input, std::size_t piece) {
  const std::vector<watch::Subscription> subscriptions{
      {contrail::Type::project, contrail::fields_of(contrail::Type::project), {}},
      {contrail::Type::virtual_network, contrail::fields_of(contrail::Type::virtual_network), {}},
      {contrail::Type::floating_ip, contrail::fields_of(contrail::Type::floating_ip), {}}};
  Heard heard;
  watch::EventReader reader(subscriptions, [&](watch::Event&& event) { heard.events.push_back(key_of(event)); });
  heard.good = fuzz::in_pieces(input, piece, [&](std::string_view bytes) { return reader.feed(bytes).has_value(); });
  heard.changes = reader.changes();
  heard.comments = reader.comments();
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const std::size_t piece = 1 + fuzz::take_choice(input) % 64;
  fuzz::check(read(input, 0) == read(input, piece));
  return 0;
}
