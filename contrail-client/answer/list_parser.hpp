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

// An object of a list that exists and cannot be read: `part` is the part that was read, with a nil uuid if that was
// not; `why` names the wrong member.
struct Unreadable {
  Object part;
  std::string why;
};

// Parses the answer to a list, {"virtual-networks": [ {…}, … ]}, from bytes as they arrive: each object is passed on as
// soon as it is complete, and its memory is released. Accepts the form of `fields=` (and the plain one) as well as that
// of `detail=true`. Holds one object at a time, of at most 16 MiB.
//
// An object with a wrong shape or size does not affect the others: it is passed on as Unreadable.
//
// Errors (errc::not_json, wrong_shape, too_large) contain the member, or the place in the input and its text. After an
// error every further call returns it again.
class ListParser {
 public:
  using Sink = std::function<void(Object&&)>;
  // Whether an object is needed; one that is not costs no memory. Null: all are.
  using Filter = std::function<bool(const Uuid&, const Annotations&)>;
  // Receives unreadable objects, regardless of the filter. Null: such an object fails the whole list.
  using UnreadableSink = std::function<void(Unreadable&&)>;

  ListParser(Type type, Sink sink, Filter filter = {}, UnreadableSink unreadable = {});
  // The same for {"virtual-network": {…}}, an answer with one object.
  static ListParser of_one(Type type, Sink sink, Filter filter = {}, UnreadableSink unreadable = {});
  ~ListParser();
  ListParser(ListParser&&) noexcept;
  ListParser& operator=(ListParser&&) noexcept;

  base::Result<void> feed(std::string_view bytes);
  // The answer is complete: an error if it was truncated.
  base::Result<void> finish();

  std::uint64_t objects() const;  // read so far: filtered and unreadable ones are included

 private:
  struct State;
  explicit ListParser(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace contrail
