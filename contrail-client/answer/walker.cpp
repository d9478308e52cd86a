#include "contrail-client/answer/walker.hpp"

#include <limits>
#include <utility>

#include "contrail-client/json_text.hpp"

namespace contrail::answer {
namespace {

std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

bool is_captured(Place place) { return place == Place::subnet || place == Place::rule; }

}  // namespace

Walker::Walker(Type type, Form form, Complete complete, Unfit unfit)
    : complete_(std::move(complete)), unfit_(std::move(unfit)), builder_(type), in_item_(form == Form::list ? 3 : 2) {
  for (const auto field : fields_of(type)) fields_ |= std::uint32_t{1} << static_cast<unsigned>(field);
  root_ = {.shape = Shape::object, .place = Place::answer};
  top_ = form == Form::list ? Member{.key = plural(type), .shape = Shape::array, .place = Place::items}
                            : Member{.key = name(type), .shape = Shape::object, .place = Place::item};
  wrapper_ = {.key = name(type), .shape = Shape::object, .place = Place::wrapped};
  expected_ = &root_;
}

// The parts of a skipped text are not joined; keys are always needed.
bool Walker::keep(Text part) {
  if (!ignoring()) part_.append(part.data(), part.size());
  return true;
}

// The whole text that ends with `rest`. Valid until the next event.
std::string_view Walker::whole(Text rest) {
  if (part_.empty()) return view(rest);
  part_.append(rest.data(), rest.size());
  return part_;
}

void Walker::look_up(std::string_view key) {
  expected_ = nullptr;
  if (overfull_) return;
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
    append_json_string(captured_, key);
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
  if (!expects(shape, ec)) {
    ++skipped_;
    return !ec;
  }
  const auto* member = expected_;
  if (!count(16, ec)) return false;
  frames_[++depth_] = {.entered_by = member, .place = member->place};
  if (member == &top_) seen_ = true;
  if (is_captured(member->place)) {
    capturing_ = true;
    captured_ = '{';
  }
  builder_.open(member->place, member->field);
  expected_ = is_list(member->place) && !overfull_ ? members_of(member->place).data() : nullptr;
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
  // In a list the next value is one more element; in an object a key comes first and selects it.
  const auto here = place();
  if (!skipping()) expected_ = is_list(here) && !overfull_ ? members_of(here).data() : nullptr;
  return true;
}

bool Walker::leave(Place left, Ec& ec) {
  builder_.close(left, captured_);
  if (is_captured(left)) capturing_ = false;
  if (left != Place::item) return true;
  const bool has_uuid = !builder_.uuid().is_nil();
  if (!has_uuid || !builder_.has_name()) {
    const std::string what = has_uuid ? "the object has no fq_name" : "the object has no uuid";
    if (!unfit_) return fail(errc::wrong_shape, what, ec);
    expected_ = members_of(Place::items).data();
    if (unfit_why_.empty()) unfit_why_ = where() + ": " + what;
  }
  end_item();
  return true;
}

void Walker::end_item() {
  ++objects_;
  object_bytes_ = 0;
  overfull_ = false;
  if (unfit_why_.empty())
    complete_(builder_);
  else
    unfit_(builder_, std::exchange(unfit_why_, {}));
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
    append_json_string(captured_, text);
    if (!counts) builder_.note_extra(), builder_.note_odd();
  }
  if (counts && !overfull_ && expects(Shape::text, ec) && !builder_.store(expected_->slot, text))
    misfit(errc::wrong_shape, "a uuid expected (8-4-4-4-12, lower case)", ec);
  part_.clear();
  return !ec;
}

bool Walker::integer(std::int64_t number, Text rest, Ec& ec) {
  const auto text = whole(rest);
  if (capturing_) capture_scalar(text, true);
  part_.clear();
  if (skipping() || expected_ == nullptr) return true;
  if (!expects(Shape::integer, ec)) return !ec;
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
  if (!expects(Shape::integer, ec)) return !ec;
  return misfit(errc::wrong_shape, "a whole number expected, found a fraction", ec);
}

bool Walker::on_bool(bool flag, Ec& ec) {
  if (capturing_) capture_scalar(flag ? "true" : "false", flag);
  if (skipping() || expected_ == nullptr) return true;
  if (!expects(Shape::boolean, ec)) return !ec;
  builder_.store(expected_->slot, flag);
  return true;
}

// The server writes null for an absent value.
bool Walker::on_null(Ec& ec) {
  if (!skipping() && place() == Place::mapping_list) builder_.note_odd_mapping(place());
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
  misfit(errc::wrong_shape, std::move(what), ec);
  return false;
}

// The present value has a wrong shape. True: it is skipped; false: the answer is an error.
bool Walker::misfit(errc code, std::string what, Ec& ec) {
  if (code == errc::wrong_shape && is_in_mappings()) {
    builder_.note_odd_mapping(place());
    return true;
  }
  const bool is_item = place() == Place::items;
  if (!unfit_ || !(is_item || depth_ >= in_item_)) return fail(code, std::move(what), ec);
  if (unfit_why_.empty()) unfit_why_ = where() + ": " + what;
  if (is_item) end_item();
  return true;
}

// The server does not check the content of port mappings.
bool Walker::is_in_mappings() const {
  const auto here = place();
  return here == Place::mappings || here == Place::mapping_list || here == Place::mapping ||
         (expected_ != nullptr && expected_->place == Place::mappings);
}

// An object is held until it is complete, so its size is limited.
bool Walker::count(std::size_t bytes, Ec& ec) {
  object_bytes_ += bytes;
  if (object_bytes_ <= max_object_bytes || overfull_) return true;
  if (!misfit(errc::too_large, "the object is larger than " + std::to_string(max_object_bytes) + " bytes", ec))
    return false;
  overfull_ = true;
  expected_ = nullptr;
  capturing_ = false;
  captured_.clear();
  return true;
}

bool Walker::fail(errc code, std::string what, Ec& ec) {
  complaint_code_ = code;
  complaint_ = where() + ": " + what;
  ec = make_error_code(code);
  return false;
}

// The path of the present value: virtual-networks[17].network_ipam_refs[].attr
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
