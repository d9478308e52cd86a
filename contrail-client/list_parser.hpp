#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "contrail-client/annotations.hpp"
#include "contrail-client/types.hpp"
#include "k8sclient/base/result.hpp"

namespace contrail {

// Reads the answer to a list, {"virtual-networks": [ {…}, … ]}, from bytes as they come: each object is handed on as
// soon as its closing brace was there, and its memory is let go. Takes the form of `fields=` (and the plain one) as
// well as that of `detail=true`. Holds one object at a time, of at most 16 MiB.
//
// Errors (errc::not_json, wrong_shape, too_large) name the member, or the place in the input and what stands there.
// Once there was one, every further call answers with it again.
class ListParser {
 public:
  using Sink = std::function<void(Object&&)>;
  // Says whether an object is wanted at all; one that is not costs no memory. Null: all are.
  using Filter = std::function<bool(const Uuid&, const Annotations&)>;

  ListParser(Type type, Sink sink, Filter filter = {});
  ~ListParser();
  ListParser(ListParser&&) noexcept;
  ListParser& operator=(ListParser&&) noexcept;

  k8s::Result<void> feed(std::string_view bytes);
  // The answer is at its end: an error if it was cut short.
  k8s::Result<void> finish();

  std::uint64_t objects() const;  // read so far, wanted or not

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace contrail
