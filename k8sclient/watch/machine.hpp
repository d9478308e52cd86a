#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/backoff.hpp"
#include "k8sclient/decode/stream.hpp"

// The list-and-watch protocol of the API as a pure state machine: no I/O, no clock, no randomness of its own.
//
//                 +--- failed (pause) ---+
//                 v                      |
//   start ---> Listing --- last page ---> Watching <---+
//                 ^   \                   |  |  \      | ended, cut, silent, 429, 5xx: from the last version
//                 |    +--- next page     |  |   +-----+
//                 +------- expired -------+  +--> (pause) --> Listing: content that cannot be trusted
//
// With `streaming_list`, Streaming takes the place of Listing: one watch that begins with all objects, and goes on as
// Watching after the bookmark at their end. A server that does not support that is listed from then on.
//
// Sources: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes and
// https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
namespace k8s {

struct WatchSettings {
  bool streaming_list = false;                // prefer a streaming list (sendInitialEvents) to a list in pages
  int streams_before_list = 3;                // failed streaming lists in a row after which one list is tried
  std::size_t page_size = 500;                // objects per page of a list; 0: all at once
  std::chrono::seconds watch_timeout{300};    // the server ends a watch after this, up to twice as long (jitter)
  std::chrono::seconds max_retry_after{300};  // upper bound of a server's Retry-After
  int retries_before_list = 10;               // failed watches in a row after which the resource version is not trusted
  int silences_before_list = 2;               // watches without any event or bookmark, in a row; as above
  int older_lists_believed = 3;               // consecutive older lists after which the known version is not trusted
  std::chrono::seconds older_list_pause{5};   // at least, after each older list: a server that lags may catch up
  std::size_t empty_pages = 100;              // consecutive empty pages of a list: legal, but no server sends more
  base::BackoffPolicy backoff{};
};

// The next action of the caller.
struct ListCommand {
  std::size_t limit = 0;       // 0: no limit
  std::string continue_token;  // empty: the first page
  friend bool operator==(const ListCommand&, const ListCommand&) = default;
};
struct WatchCommand {
  std::uint64_t resource_version = 0;
  std::chrono::seconds timeout{};
  bool initial_events = false;  // a streaming list of the most recent state; resource_version is 0
  friend bool operator==(const WatchCommand&, const WatchCommand&) = default;
};
struct WaitCommand {
  std::chrono::milliseconds time{};
  friend bool operator==(const WaitCommand&, const WaitCommand&) = default;
};
using WatchMachineCommand = std::variant<ListCommand, WatchCommand, WaitCommand>;

// The outcome of an action.
struct PageListed {
  ListMeta meta;
  std::size_t items = 0;  // on this page
};
struct ObjectSeen {  // an ADDED, MODIFIED or DELETED event
  std::uint64_t resource_version = 0;
};
using BookmarkSeen = Bookmark;
struct WatchEnded {          // the stream was complete: the requested time was over
  bool short_lived = false;  // in less than a second
};
enum class Trouble : std::uint8_t {
  expired,    // 410, or an ERROR event with it
  refused,    // 401, 403, 404: no permission
  invalid,    // 400, 422: the server does not know or not permit these parameters
  busy,       // 429, 503, no connection, a broken one: the same again later
  silent,     // a watch that is open and says nothing: from the last version over another connection
  malformed,  // the content cannot be trusted
};
struct RequestFailed {  // the present list or watch, or its stream
  Trouble trouble = Trouble::busy;
  std::optional<std::chrono::seconds> retry_after;
};
struct Waited {};
struct ListAsked {  // a complete list is requested, regardless of the watch
  bool at_once = true;
};
using WatchMachineInput =
    std::variant<PageListed, ObjectSeen, BookmarkSeen, WatchEnded, RequestFailed, Waited, ListAsked>;

// What the store must do with the last input.
enum class StoreAction : std::uint8_t {
  none,
  keep,     // put this page's items aside, or apply this event to the items put aside
  commit,   // the items are complete: make them the store's content
  discard,  // drop the items put aside
  apply,    // apply the event
};

struct Reaction {
  StoreAction store = StoreAction::none;
  bool abandon = false;            // the present stream must not be read any further
  std::optional<std::string> why;  // the fault of the input, for the log
  bool restored = false;           // with commit: the content is older than before, and versions count anew from it

  friend bool operator==(const Reaction&, const Reaction&) = default;
};

// Resource versions never decrease: a list older than the known version is discarded, and an event older than the
// previous one ends the watch. A single old list is not believed, for a server may lag. But these lists name no
// version, so each is a consistent read: the server asks a quorum of etcd for the newest state, and fails if it cannot.
// If several lists in a row are older than the known version, with a pause before each and over connections that may
// lead to different servers, and do not decrease among themselves, then etcd itself has gone back (restored from a
// backup), or the known version was never right (a bookmark with a wrong one). Then the list is accepted like any list
// after an interrupted watch.
class WatchMachine {
 public:
  explicit WatchMachine(WatchSettings settings);

  // The command of the present state; stays the same until the next step().
  const WatchMachineCommand& command() const { return command_; }

  // Applies the outcome of the command; `random` in [0, 1) determines the jitter. An input that does not fit the state
  // (a bug of the caller) leads to a Reaction that abandons the stream, and to a new list.
  Reaction step(const WatchMachineInput& input, double random);

  std::uint64_t last_seen() const { return last_seen_; }
  // Whether the initial events of a streaming list are awaited: they concern the items put aside.
  bool is_streaming() const { return std::holds_alternative<Streaming>(state_); }

 private:
  struct Listing {
    std::string continue_token;
    std::uint64_t resource_version = 0;  // of the first page; 0: none yet
    bool paged = true;
    std::size_t empty_pages = 0;  // since the last item
  };
  struct Streaming {};
  struct Watching {
    std::uint64_t resource_version = 0;
  };
  using Work = std::variant<Listing, Streaming, Watching>;
  struct Pausing {
    std::chrono::milliseconds time{};
    Work then;
  };
  using State = std::variant<Listing, Streaming, Watching, Pausing>;

  Reaction on_page(const Listing& state, const PageListed& page, double random);
  Reaction on_complete(std::uint64_t version, double random);
  Reaction on_initial_end(const BookmarkSeen& bookmark, double random);
  Reaction on_stream_failure(const RequestFailed& failure, double random);
  Reaction refuse_older(std::uint64_t version, double random);
  bool is_believed(std::uint64_t version);
  Reaction on_list_failure(const Listing& state, const RequestFailed& failure, double random);
  Reaction on_version(const Watching& state, std::uint64_t version, StoreAction action, double random);
  Reaction on_watch_failure(const Watching& state, const RequestFailed& failure, double random);
  Reaction on_watch_end(const Watching& state, bool short_lived, double random);
  Reaction on_list_asked(bool at_once, double random);

  Work whole_state() const;
  void go(State next, double random);
  void begin(Work next, double random);
  void pause(Work then, std::optional<std::chrono::seconds> at_least, double random);
  Reaction list_instead(std::string why, double random);
  Reaction restart(std::string why, double random);
  void made_progress();

  WatchSettings settings_;
  State state_;
  WatchMachineCommand command_;
  base::Backoff backoff_;
  std::uint64_t last_seen_ = 0;   // highest version of a list, event or bookmark since the last older list
  std::uint64_t older_list_ = 0;  // version of the last list that was older than last_seen_; 0: the last list was not
  int older_lists_ = 0;           // consecutive older lists that do not decrease
  int failures_ = 0;              // of watches, since the last progress
  int silences_ = 0;              // silent watches since the last list or event
  bool heard_ = false;            // the present watch has shown an event or a bookmark
  int failed_streams_ = 0;        // streaming lists since the last complete list
  bool can_stream_ = true;        // the server has not refused a streaming list
  bool progress_ = false;         // a new event or bookmark, or a complete watch with any, since the last list
};

}  // namespace k8s
