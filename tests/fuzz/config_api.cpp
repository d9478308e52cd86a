// Answers of the config API: lists, objects, dependents, ids, pages; and those of Keystone. The result of a list must
// not depend on the pieces.
#include <string>
#include <vector>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/auth/keystone.hpp"
#include "contrail-client/codec.hpp"
#include "contrail-client/dependents.hpp"
#include "contrail-client/ip.hpp"
#include "contrail-client/rest/foreign_answer.hpp"
#include "tests/fuzz/input.hpp"

namespace {

struct Parsed {
  std::vector<contrail::Uuid> objects, unreadable;
  bool good = false;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

Parsed list(contrail::Type type, std::string_view input, std::size_t piece) {
  Parsed parsed;
  contrail::ListParser parser(
      type, [&](contrail::Object&& object) { parsed.objects.push_back(object.uuid); }, {},
      [&](contrail::Unreadable&& object) { parsed.unreadable.push_back(object.part.uuid); });
  parsed.good = fuzz::in_pieces(input, piece, [&](std::string_view bytes) { return parser.feed(bytes).has_value(); }) &&
                parser.finish().has_value();
  return parsed;
}

void read_page(const std::string& input) {
  fuzz::check(contrail::page_text(input).size() <= input.size());
  const auto foreign = contrail::foreign_answer({200, input}, "application/json");
  fuzz::check(!foreign || !foreign->message.empty());
}

void read_token(const std::string& input) {
  const auto token = contrail::parse_token({}, {201, {{"X-Subject-Token", "t"}}, input});
  fuzz::check(token ? !token->lifetime || token->lifetime->count() >= 0 : !token.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const auto choice = fuzz::take_choice(input);
  const auto type = static_cast<contrail::Type>((choice >> 2) % contrail::type_count);
  switch (choice & 3) {
    case 0:
    case 1: {
      const std::size_t piece = 1 + fuzz::take_choice(input) % 64;
      fuzz::check(list(type, input, 0) == list(type, input, piece));
      break;
    }
    case 2:
      if (const auto object = contrail::parse_object(type, input)) contrail::create(*object);
      break;
    default:
      contrail::parse_dependents(type, input);
      contrail::parse_id(input);
      read_page(std::string(input));
      read_token(std::string(input));
  }
  return 0;
}
