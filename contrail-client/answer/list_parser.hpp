#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "contrail-client/annotations.hpp"
#include "contrail-client/types.hpp"

namespace contrail {

// An object of a list that is there and cannot be read: `part` is what was read of it, of which its uuid is nil where
// not even that could be; `why` names the member.
struct Unreadable {
  Object part;
  std::string why;
};

// Reads the answer to a list, {"virtual-networks": [ {…}, … ]}, from bytes as they come: each object is handed on as
// soon as its closing brace was there, and its memory is let go. Takes the form of `fields=` (and the plain one) as
// well as that of `detail=true`. Holds one object at a time, of at most 16 MiB.
//
// An object of the list that has a wrong shape or is too large costs no other: it is handed on as Unreadable.
//
// Errors (errc::not_json, wrong_shape, too_large) name the member, or the place in the input and what stands there.
// Once there was one, every further call answers with it again.
class ListParser {
 public:
  using Sink = std::function<void(Object&&)>;
  // Says whether an object is wanted at all; one that is not costs no memory. Null: all are.
  using Filter = std::function<bool(const Uuid&, const Annotations&)>;
  // Takes what cannot be read, whatever the filter says. Null: that is an error of the whole list.
  using UnreadableSink = std::function<void(Unreadable&&)>;

  ListParser(Type type, Sink sink, Filter filter = {}, UnreadableSink unreadable = {});
  ~ListParser();
  ListParser(ListParser&&) noexcept;
  ListParser& operator=(ListParser&&) noexcept;

  base::Result<void> feed(std::string_view bytes);
  // The answer is at its end: an error if it was cut short.
  base::Result<void> finish();

  std::uint64_t objects() const;  // read so far, wanted or not, those that cannot be read among them

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace contrail
