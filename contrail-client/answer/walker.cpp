#include "contrail-client/answer/walker.hpp"

#include <limits>
#include <utility>

#include "contrail-client/json_text.hpp"

namespace contrail::answer {
namespace {

std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

bool is_captured(Place place) { return place == Place::subnet || place == Place::rule; }

}  // namespace

Walker::Walker(Type type, Form form, Complete complete) : type_(type), complete_(std::move(complete)), builder_(type) {
  for (const auto field : fields_of(type)) fields_ |= std::uint32_t{1} << static_cast<unsigned>(field);
  root_ = {.shape = Shape::object, .place = Place::answer};
  top_ = form == Form::list ? Member{.key = plural(type), .shape = Shape::array, .place = Place::items}
                            : Member{.key = name(type), .shape = Shape::object, .place = Place::item};
  wrapper_ = {.key = name(type), .shape = Shape::object, .place = Place::wrapped};
  expected_ = &root_;
}

// Parts of what is skipped need not be put together; keys are always looked at.
bool Walker::keep(Text part) {
  if (!ignoring()) part_.append(part.data(), part.size());
  return true;
}

// The whole text of which `rest` is the last part. Valid until the next event.
std::string_view Walker::whole(Text rest) {
  if (part_.empty()) return view(rest);
  part_.append(rest.data(), rest.size());
  return part_;
}

void Walker::look_up(std::string_view key) {
  expected_ = nullptr;
  const auto here = place();
  if (here == Place::answer) {
    if (key == top_.key) expected_ = &top_;
    return;
  }
  if (here == Place::item && key == wrapper_.key) {
    expected_ = &wrapper_;
    return;
  }
  for (const auto& member : members_of(here)) {
    if (member.key != key) continue;
    if (!member.field || (fields_ >> static_cast<unsigned>(*member.field) & 1) != 0) expected_ = &member;
    return;
  }
}

bool Walker::on_key(Text rest, std::size_t, Ec& ec) {
  if (ignoring()) return true;
  const auto key = whole(rest);
  if (capturing_) {
    if (!count(key.size() + 4, ec)) return false;
    capture_separator();
    append_string(captured_, key);
    captured_ += ':';
  }
  if (!skipping()) look_up(key);
  part_.clear();
  return true;
}

bool Walker::begin(Shape shape, Ec& ec) {
  if (capturing_) {
    if (!count(4, ec)) return false;
    capture_separator();
    captured_ += shape == Shape::object ? '{' : '[';
  }
  if (skipping() || expected_ == nullptr) {
    if (capturing_) builder_.note_extra();
    ++skipped_;
    return true;
  }
  if (!expects(shape, ec) || !count(16, ec)) return false;
  const auto* member = expected_;
  frames_[++depth_] = {.entered_by = member, .place = member->place};
  if (member == &top_) seen_ = true;
  if (is_captured(member->place)) {
    capturing_ = true;
    captured_ = '{';
  }
  builder_.open(member->place, member->field);
  expected_ = is_list(member->place) ? members_of(member->place).data() : nullptr;
  return true;
}

bool Walker::end(char brace, Ec& ec) {
  if (capturing_) captured_ += brace;
  if (skipping()) {
    --skipped_;
  } else {
    const auto left = place();
    --depth_;
    if (!leave(left, ec)) return false;
  }
  // What follows in a list is one more element; in an object a key comes first and says.
  const auto here = place();
  if (!skipping()) expected_ = is_list(here) ? members_of(here).data() : nullptr;
  return true;
}

bool Walker::leave(Place left, Ec& ec) {
  builder_.close(left, captured_);
  if (is_captured(left)) capturing_ = false;
  if (left != Place::item) return true;
  if (builder_.uuid().is_nil()) return fail(errc::wrong_shape, "the object has no uuid", ec);
  if (!builder_.has_name()) return fail(errc::wrong_shape, "the object has no fq_name", ec);
  ++objects_;
  object_bytes_ = 0;
  complete_(builder_);
  return true;
}

bool Walker::on_string(Text rest, std::size_t, Ec& ec) {
  if (ignoring()) return true;
  const bool counts = !skipping() && expected_ != nullptr;
  if (!counts && !capturing_) {
    part_.clear();
    return true;
  }
  const auto text = whole(rest);
  if (!count(text.size() + 16, ec)) return false;
  if (capturing_) {
    capture_separator();
    append_string(captured_, text);
    if (!counts) builder_.note_extra(), builder_.note_odd();
  }
  if (counts) {
    if (!expects(Shape::text, ec)) return false;
    if (!builder_.store(expected_->slot, text))
      return fail(errc::wrong_shape, "a uuid expected (8-4-4-4-12, lower case)", ec);
  }
  part_.clear();
  return true;
}

bool Walker::integer(std::int64_t number, Text rest, Ec& ec) {
  const auto text = whole(rest);
  if (capturing_) capture_scalar(text, true);
  part_.clear();
  if (skipping() || expected_ == nullptr) return true;
  if (!expects(Shape::integer, ec)) return false;
  builder_.store(expected_->slot, number);
  return count(16, ec);
}

bool Walker::on_uint64(std::uint64_t, Text rest, Ec& ec) {
  return integer(std::numeric_limits<std::int64_t>::max(), rest, ec);
}

bool Walker::on_double(double, Text rest, Ec& ec) {
  const auto text = whole(rest);
  if (capturing_) capture_scalar(text, true);
  part_.clear();
  if (skipping() || expected_ == nullptr) return true;
  if (!expects(Shape::integer, ec)) return false;
  return fail(errc::wrong_shape, "a whole number expected, found a fraction", ec);
}

bool Walker::on_bool(bool flag, Ec& ec) {
  if (capturing_) capture_scalar(flag ? "true" : "false", flag);
  if (skipping() || expected_ == nullptr) return true;
  if (!expects(Shape::boolean, ec)) return false;
  builder_.store(expected_->slot, flag);
  return true;
}

// The server writes null for what is not there.
bool Walker::on_null(Ec& ec) {
  if (capturing_) {
    capture_separator();
    captured_ += "null";
  }
  return capturing_ ? count(16, ec) : true;
}

void Walker::capture_separator() {
  const char last = captured_.empty() ? '{' : captured_.back();
  if (last != '{' && last != '[' && last != ':') captured_ += ',';
}

void Walker::capture_scalar(std::string_view text, bool says_something) {
  capture_separator();
  captured_ += text;
  if (!skipping() && expected_ != nullptr) return;
  builder_.note_extra();
  if (says_something) builder_.note_odd();
}

bool Walker::expects(Shape shape, Ec& ec) {
  if (expected_->shape == shape) return true;
  std::string what{name(expected_->shape)};
  what.append(" expected, found ").append(name(shape));
  return fail(errc::wrong_shape, what, ec);
}

// An object is kept whole until it is complete, so its size has a bound.
bool Walker::count(std::size_t bytes, Ec& ec) {
  object_bytes_ += bytes;
  if (object_bytes_ <= max_object_bytes) return true;
  return fail(errc::too_large, "the object is bigger than " + std::to_string(max_object_bytes) + " bytes", ec);
}

bool Walker::fail(errc code, std::string what, Ec& ec) {
  complaint_code_ = code;
  complaint_ = where() + ": " + what;
  ec = make_error_code(code);
  return false;
}

// The way to the value at hand: virtual-networks[17].network_ipam_refs[].attr
std::string Walker::where() const {
  std::string path;
  for (std::size_t i = 1; i <= depth_ + 1; ++i) {
    const Member* member = i <= depth_ ? frames_[i].entered_by : expected_;
    if (member == nullptr || member == &root_) continue;
    if (!member->key.empty()) {
      if (!path.empty()) path += '.';
      path += member->key;
    } else {
      path += member->place == Place::item ? '[' + std::to_string(objects_) + ']' : "[]";
    }
  }
  return path.empty() ? "the answer" : path;
}

}  // namespace contrail::answer
