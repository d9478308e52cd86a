#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace contrail::watch {

// Parses Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html, sections 9.2.5 and 9.2.6)
// from bytes as they arrive, cut at any place. Lines end with LF, CR or CRLF. Holds no data: a line may have any
// length.
//
// Since data is passed on before its event is complete, an event's name must come before its data. A name after them is
// an error (errc::wrong_shape), as is a name of more than max_name bytes. The fields `id` and `retry` are ignored, as
// unknown ones are. After an error, also of the handler, every further call returns it again.
class SseParser {
 public:
  static constexpr std::size_t max_name = 128;

  class Handler {
   public:
    virtual ~Handler() = default;
    // An event with data begins; `name` is "message" if it has none.
    virtual base::Result<void> begin(std::string_view name) = 0;
    // A part of the data of this event. Lines of data are separated by a line feed.
    virtual base::Result<void> data(std::string_view part) = 0;
    // The event is complete.
    virtual base::Result<void> end() = 0;
  };

  // The handler must outlive the parser.
  explicit SseParser(Handler& handler) : handler_(handler) {}

  base::Result<void> feed(std::string_view bytes);

  std::uint64_t comments() const { return comments_; }  // lines so far

 private:
  // The part of the line that the next byte belongs to.
  enum class Part : std::uint8_t {
    mark,   // of the byte order, or the first line
    field,  // the name of a field, or an empty line
    space,  // one space after the colon
    event,  // the values of the two fields that are used
    data,
    skipped,  // a comment, or the value of another field
  };

  base::Result<void> take(std::string_view& bytes);
  base::Result<void> take_mark(std::string_view& bytes);
  base::Result<void> take_field(std::string_view& bytes);
  base::Result<void> take_value(std::string_view& bytes);
  base::Result<void> value_begins();
  base::Result<void> line_ends();

  Handler& handler_;
  Part part_ = Part::mark;
  std::size_t mark_ = 0;   // bytes of the byte order mark so far
  bool after_cr_ = false;  // a line feed would belong to the last line end
  std::string field_;      // the name of the present field
  std::string event_;      // the name of the present event
  bool has_data_ = false;  // the present event
  std::uint64_t comments_ = 0;
  std::optional<base::Error> failed_;
};

}  // namespace contrail::watch
