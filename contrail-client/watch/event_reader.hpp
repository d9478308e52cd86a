#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/codec.hpp"
#include "contrail-client/watch/event.hpp"
#include "contrail-client/watch/sse_parser.hpp"

namespace contrail::watch {

// GET /watch for these subscriptions, of which there must be at least one; the answer is for EventReader.
Request watch_request(const std::vector<Subscription>& subscriptions);

// Turns the bytes of one answer to GET /watch into events: those from ListBegun to Unread. Holds one object at a time,
// of the size that ListParser permits.
//
// Errors (errc::not_json, wrong_shape, too_large) as those of ListParser and SseParser; errc::ended if the server says
// that it ends the stream. Lists that come in another order than the subscriptions are of the wrong shape, since what
// is kept of one may depend on those before. After an error every further call returns it again. Events of other types,
// and other events, are ignored.
class EventReader final : private SseParser::Handler {
 public:
  static constexpr std::uint64_t max_list_bytes = 4ULL * 1024 * 1024 * 1024;  // of the list of one type

  // `subscriptions` must outlive it.
  EventReader(const std::vector<Subscription>& subscriptions, EventSink sink);
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  base::Result<void> feed(std::string_view bytes) { return parser_.feed(bytes); }

  std::uint64_t comments() const { return parser_.comments(); }
  std::uint64_t changes() const { return changes_; }  // changes and deletions, also unwanted ones
  bool has_begun() const { return begun_; }           // a list has
  bool is_complete() const { return complete_; }      // all lists are

 private:
  enum class Kind : std::uint8_t { list, change, deletion, stop, other };

  base::Result<void> begin(std::string_view name) override;
  base::Result<void> data(std::string_view part) override;
  base::Result<void> end() override;

  base::Result<void> look_for_type(std::string_view data);
  const Subscription* subscription_of(std::string_view key) const;
  void open_list(const Subscription& subscription);
  void open_change(const Subscription& subscription);
  void open_deletion(const Subscription& subscription);
  base::Result<void> feed_parser(std::string_view part);
  void end_list();

  const std::vector<Subscription>& subscriptions_;
  EventSink sink_;
  SseParser parser_;
  // The present event.
  Kind kind_ = Kind::other;
  std::string lead_;  // its data so far, up to the name of the type; the text of a stop
  const Subscription* subscription_ = nullptr;
  std::optional<ListParser> objects_;
  std::uint64_t bytes_ = 0;
  std::optional<Event> pending_;  // what is said when it is complete

  std::vector<bool> listed_;  // by subscription
  bool begun_ = false, complete_ = false;
  std::uint64_t changes_ = 0;
};

}  // namespace contrail::watch
