#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <boost/json/basic_parser.hpp>

#include "contrail-client/answer/object_builder.hpp"
#include "contrail-client/answer/schema.hpp"
#include "contrail-client/error.hpp"

namespace contrail::answer {

// The form of an answer.
enum class Form : std::uint8_t {
  list,    // {"virtual-networks": [object, …]}, each object plain or wrapped
  single,  // {"virtual-network": object}
};

// Follows the events of a JSON parser through the schema, and feeds the builder. A handler of
// boost::json::basic_parser: the parser checks the syntax, the walker the shape. Memory is bounded by the largest
// object of the answer, and that by max_object_bytes.
class Walker {
 public:
  static constexpr std::size_t max_array_size = std::size_t(-1);  // lists and objects are passed on, not stored
  static constexpr std::size_t max_object_size = std::size_t(-1);
  // More than the server accepts in a whole body, so that no single text makes a list unreadable.
  static constexpr std::size_t max_key_size = 4 * 1024 * 1024;
  static constexpr std::size_t max_string_size = 4 * 1024 * 1024;
  static constexpr std::size_t max_object_bytes = 16 * 1024 * 1024;
  static constexpr std::size_t max_depth = 32;       // of members in the schema
  static constexpr std::size_t max_nesting = 1'200;  // of all members; the server's own JSON library ends at 1,000

  // `complete` is called for each complete object; it takes or drops the builder's content.
  using Complete = std::function<void(ObjectBuilder&)>;
  // Called for an object with a wrong shape or size, with its part in the builder and the reason. Null: such an object
  // fails the whole answer.
  using Unfit = std::function<void(ObjectBuilder&, std::string&&)>;
  Walker(Type type, Form form, Complete complete, Unfit unfit = {});
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  // What is wrong with the shape, after a failed event; empty: the syntax is wrong.
  const std::string& complaint() const { return complaint_; }
  errc complaint_code() const { return complaint_code_; }
  // Whether the top-level member of the answer was found.
  bool seen() const { return seen_; }
  // Objects so far, including those with a wrong shape.
  std::uint64_t objects() const { return objects_; }

  using Ec = boost::json::error_code;
  using Text = boost::json::string_view;
  bool on_document_begin(Ec&) { return true; }
  bool on_document_end(Ec&) { return true; }
  bool on_object_begin(Ec& ec) { return begin(Shape::object, ec); }
  bool on_object_end(std::size_t, Ec& ec) { return end('}', ec); }
  bool on_array_begin(Ec& ec) { return begin(Shape::array, ec); }
  bool on_array_end(std::size_t, Ec& ec) { return end(']', ec); }
  bool on_key_part(Text part, std::size_t, Ec&) { return keep(part); }
  bool on_key(Text rest, std::size_t, Ec& ec);
  bool on_string_part(Text part, std::size_t, Ec&) { return keep(part); }
  bool on_string(Text rest, std::size_t, Ec& ec);
  bool on_number_part(Text part, Ec&) { return keep(part); }
  bool on_int64(std::int64_t number, Text rest, Ec& ec) { return integer(number, rest, ec); }
  bool on_uint64(std::uint64_t number, Text rest, Ec& ec);
  bool on_double(double number, Text rest, Ec& ec);
  bool on_bool(bool flag, Ec& ec);
  bool on_null(Ec& ec);
  bool on_comment_part(Text, Ec&) { return true; }
  bool on_comment(Text, Ec&) { return true; }

 private:
  struct Frame {
    const Member* entered_by = nullptr;
    Place place = Place::outside;
  };

  Place place() const { return frames_[depth_].place; }
  bool skipping() const { return skipped_ > 0; }
  bool ignoring() const { return skipping() && !capturing_; }
  bool keep(Text part);
  std::string_view whole(Text rest);

  void look_up(std::string_view key);
  bool begin(Shape shape, Ec& ec);
  bool end(char brace, Ec& ec);
  bool integer(std::int64_t number, Text rest, Ec& ec);
  bool leave(Place place, Ec& ec);
  // Whether the value has the expected shape. If not, `ec` is set, or the value must be skipped.
  bool expects(Shape shape, Ec& ec);
  bool misfit(errc code, std::string what, Ec& ec);
  bool is_in_mappings() const;
  void end_item();
  bool count(std::size_t bytes, Ec& ec);
  bool fail(errc code, std::string what, Ec& ec);
  std::string where() const;

  // The text of a rule or a subnet, compact.
  void capture_separator();
  void capture_scalar(std::string_view text, bool says_something);

  Complete complete_;
  Unfit unfit_;
  ObjectBuilder builder_;
  std::uint32_t fields_ = 0;  // the fields of the type, a bit each
  Member root_, top_, wrapper_;
  std::size_t in_item_;  // the depth inside an object

  std::array<Frame, max_depth + 2> frames_{};
  std::size_t depth_ = 0;
  const Member* expected_ = nullptr;  // the next value; null: it is skipped
  std::size_t skipped_ = 0;           // nesting depth inside a skipped value
  std::string part_;                  // the beginning of a key, text or number that arrives in parts

  bool capturing_ = false;
  std::string captured_;

  std::uint64_t objects_ = 0;
  std::size_t object_bytes_ = 0;
  std::string unfit_why_;  // what is wrong with the present object; empty: nothing so far
  bool overfull_ = false;  // the object is too large, and the rest of it is skipped
  bool seen_ = false;
  std::string complaint_;
  errc complaint_code_ = errc::wrong_shape;
};

}  // namespace contrail::answer
