#include "contrail-client/watch/event_reader.hpp"

#include <algorithm>
#include <utility>

#include "contrail-client/error.hpp"

namespace contrail::watch {
namespace {

constexpr std::size_t longest_lead = 256;   // a blank, a brace, and the name of a type
constexpr std::size_t longest_stop = 1000;  // the rest of the server's reason is dropped
constexpr std::string_view blank = " \t\r\n";

// The name of the first member of a JSON object; nullopt: the text ends before it; empty: there is none.
std::optional<std::string_view> first_key(std::string_view text) {
  for (const char expected : {'{', '"'}) {
    const auto at = text.find_first_not_of(blank);
    if (at == text.npos) return std::nullopt;
    if (text[at] != expected) return std::string_view();
    text.remove_prefix(at + 1);
  }
  const auto end = text.find('"');
  if (end == text.npos) return std::nullopt;
  return text.substr(0, end);
}

// "virtual_network"
std::string underscored(Type type) {
  std::string text(name(type));
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

Request watch_request(const std::vector<Subscription>& subscriptions) {
  std::string types, fields;
  for (const auto& [type, wanted, filter] : subscriptions) {
    if (!types.empty()) types += ',';
    types += underscored(type);
    fields += '&' + underscored(type) + "_fields=" + field_list(type, wanted);
  }
  return {.method = "GET", .target = "/watch?resource_type=" + types + fields, .body = {}};
}

EventReader::EventReader(const std::vector<Subscription>& subscriptions, EventSink sink)
    : subscriptions_(subscriptions), sink_(std::move(sink)), parser_(*this), listed_(subscriptions.size()) {}

base::Result<void> EventReader::begin(std::string_view name) {
  kind_ = name == "init"                         ? Kind::list
          : name == "create" || name == "update" ? Kind::change
          : name == "delete"                     ? Kind::deletion
          : name == "stop"                       ? Kind::stop
                                                 : Kind::other;
  if (kind_ == Kind::change || kind_ == Kind::deletion) ++changes_;
  bytes_ = 0;
  lead_.clear();
  return {};
}

base::Result<void> EventReader::data(std::string_view part) {
  if (kind_ == Kind::other) return {};
  if (kind_ == Kind::stop) {
    lead_ += part.substr(0, longest_stop - std::min(longest_stop, lead_.size()));
    return {};
  }
  if (objects_) return feed_parser(part);
  // Mostly the whole event is one part.
  if (lead_.empty() && first_key(part.substr(0, longest_lead))) return look_for_type(part);
  const auto taken = std::min(part.size(), longest_lead - lead_.size());
  lead_ += part.substr(0, taken);
  if (const auto looked = look_for_type(lead_); !looked) return looked;
  return objects_ ? feed_parser(part.substr(taken)) : base::Result<void>();
}

// Feeds `data` to the parser if it shows the name of a type that was asked for.
base::Result<void> EventReader::look_for_type(std::string_view data) {
  const auto key = first_key(data.substr(0, longest_lead));
  if (!key && data.size() < longest_lead) return {};
  if (!key || key->empty())
    return base::Error{errc::wrong_shape, "an event of the config API does not begin with the name of a type"};
  subscription_ = subscription_of(*key);
  if (subscription_ == nullptr) {
    kind_ = Kind::other;
    return {};
  }
  if (kind_ == Kind::list) {
    const auto place = subscription_ - subscriptions_.data();
    if (std::find(listed_.begin(), listed_.begin() + place, false) != listed_.begin() + place)
      return base::Error{errc::wrong_shape, "the lists come in another order than asked for"};
    open_list(*subscription_);
  } else if (kind_ == Kind::change) {
    open_change(*subscription_);
  } else {
    open_deletion(*subscription_);
  }
  return feed_parser(data);
}

const Subscription* EventReader::subscription_of(std::string_view key) const {
  const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(), [&](const Subscription& one) {
    return key == (kind_ == Kind::list ? plural(one.type) : name(one.type));
  });
  return found == subscriptions_.end() ? nullptr : &*found;
}

void EventReader::open_list(const Subscription& subscription) {
  begun_ = true;
  sink_(ListBegun{subscription.type});
  objects_.emplace(
      subscription.type, [this](Object&& object) { sink_(Listed{std::move(object)}); }, subscription.wanted,
      [this](Unreadable&& object) { sink_(Unread{std::move(object)}); });
}

void EventReader::open_change(const Subscription& subscription) {
  objects_ = ListParser::of_one(
      subscription.type, [this](Object&& object) { pending_ = Changed{std::move(object)}; }, subscription.wanted,
      [this](Unreadable&& object) { pending_ = Unread{std::move(object)}; });
}

// A deletion has an object with a uuid, and mostly nothing else: for a parser of objects it is unreadable.
void EventReader::open_deletion(const Subscription& subscription) {
  const auto deleted = [this](const Object& object) {
    if (!object.uuid.is_nil()) pending_ = Deleted{object.type, object.uuid};
  };
  objects_ =
      ListParser::of_one(subscription.type, deleted, {}, [deleted](const Unreadable& object) { deleted(object.part); });
}

base::Result<void> EventReader::feed_parser(std::string_view part) {
  bytes_ += part.size();
  if (bytes_ > max_list_bytes) return base::Error{errc::too_large, "a list is larger than 4 GiB"};
  return objects_->feed(part);
}

base::Result<void> EventReader::end() {
  if (kind_ == Kind::stop) return base::Error{errc::ended, "the server has ended its notifications: " + lead_};
  if (kind_ == Kind::other) return {};
  if (!objects_) return base::Error{errc::wrong_shape, "an event of the config API has no content"};
  if (const auto finished = objects_->finish(); !finished) return finished;
  if (kind_ == Kind::list)
    end_list();
  else if (pending_)
    sink_(std::move(*pending_));
  else if (kind_ == Kind::deletion)
    return base::Error{errc::wrong_shape, "a deletion has no uuid"};
  pending_.reset();
  objects_.reset();
  return {};
}

void EventReader::end_list() {
  sink_(ListEnded{subscription_->type, objects_->objects()});
  listed_[static_cast<std::size_t>(subscription_ - subscriptions_.data())] = true;
  if (complete_ || std::find(listed_.begin(), listed_.end(), false) != listed_.end()) return;
  complete_ = true;
  sink_(Complete{});
}

}  // namespace contrail::watch
