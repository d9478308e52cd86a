// JSON texts beside a DOM: the same values, the same objects of Kubernetes, and the same reasons why a text has none.
#include <string>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/k8sclient/support/dom.hpp"
#include "tests/unit/k8sclient/support/dom_objects.hpp"

namespace {

using namespace k8s;

template <class T>
void compare(std::string_view text, const nlohmann::json& dom) {
  const Projection projection{{"name", "uses"}, {"uses", "opencontrail.org/pod-state"}};
  const auto object = decode_object<T>(Encoding::json, projection, text);
  try {
    const T expected = test::read_object<T>(projection, dom);
    fuzz::check(object && *object == expected);
  } catch (const DecodeFailure& why) {
    fuzz::check(!object && object.error().message.ends_with(why.what()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto dom = test::dom_of(text);
  js::Document document;
  const bool is_json = document.parse(text);
  fuzz::check(is_json != dom.is_discarded());
  if (!is_json) return 0;
  fuzz::check(test::dom_of(document.root()) == dom);
  if (!dom.is_object()) return 0;
  compare<Pod>(text, dom);
  compare<Service>(text, dom);
  compare<Namespace>(text, dom);
  compare<EndpointSlice>(text, dom);
  return 0;
}
