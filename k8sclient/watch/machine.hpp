#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/backoff.hpp"
#include "k8sclient/decode/stream.hpp"

// How the API's list and watch are followed for ever, as a pure state machine: no I/O, no clock, no randomness of its
// own.
//
//                 +--- failed (pause) ---+
//                 v                      |
//   start ---> Listing --- last page ---> Watching <---+
//                 ^   \                   |  |  \      | ended, cut, 429, 5xx: from the last version
//                 |    +--- next page     |  |   +-----+
//                 +------- expired -------+  +--> (pause) --> Listing: content that cannot be trusted
//
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
namespace k8s {

struct WatchSettings {
  std::size_t page_size = 500;                // objects per page of a list; 0: all at once
  std::chrono::seconds watch_timeout{300};    // the server ends a watch after this, up to twice as long (jitter)
  std::chrono::seconds max_retry_after{300};  // what a server may ask us to wait, at most
  int retries_before_list = 10;   // failed watches in a row after which the versions are not trusted any more
  int older_lists_believed = 3;   // lists in a row that are older than what was seen: then that is what is not trusted
  std::size_t empty_pages = 100;  // of a list, in a row: legal, but no server sends more
  base::BackoffPolicy backoff{};
};

// What is to be done next.
struct ListCommand {
  std::size_t limit = 0;       // 0: without
  std::string continue_token;  // empty: the first page
  friend bool operator==(const ListCommand&, const ListCommand&) = default;
};
struct WatchCommand {
  std::uint64_t resource_version = 0;
  std::chrono::seconds timeout{};
  friend bool operator==(const WatchCommand&, const WatchCommand&) = default;
};
struct WaitCommand {
  std::chrono::milliseconds time{};
  friend bool operator==(const WaitCommand&, const WaitCommand&) = default;
};
using WatchMachineCommand = std::variant<ListCommand, WatchCommand, WaitCommand>;

// What has happened.
struct PageListed {
  ListMeta meta;
  std::size_t items = 0;  // on this page
};
struct ObjectSeen {  // an ADDED, MODIFIED or DELETED event
  std::uint64_t resource_version = 0;
};
struct BookmarkSeen {
  std::uint64_t resource_version = 0;
};
struct WatchEnded {          // the stream was complete: the server's time was over
  bool short_lived = false;  // sooner than a second
};
enum class Trouble : std::uint8_t {
  expired,    // 410, or an ERROR event that says so
  refused,    // 401, 403, 404: the server does not let us
  busy,       // 429, 503, or no connection, a cut, silence: the same again later
  malformed,  // what came cannot be trusted
};
struct RequestFailed {  // the list or watch under way, or its stream
  Trouble trouble = Trouble::busy;
  std::optional<std::chrono::seconds> retry_after;
};
struct Waited {};
struct ListAsked {  // a list of everything is wanted, whatever the watch says
  bool at_once = true;
};
using WatchMachineInput =
    std::variant<PageListed, ObjectSeen, BookmarkSeen, WatchEnded, RequestFailed, Waited, ListAsked>;

// What the store has to do with what it was just given.
enum class StoreAction : std::uint8_t {
  none,
  keep,     // put this page's items aside
  commit,   // they are complete: make them the store's content
  discard,  // forget what was put aside
  apply,    // carry out the event
};

struct Reaction {
  StoreAction store = StoreAction::none;
  bool abandon = false;            // the stream under way must not be read any further
  std::optional<std::string> why;  // what was wrong with the input, for the log

  friend bool operator==(const Reaction&, const Reaction&) = default;
};

// Resource versions never go back: a list older than what was seen is discarded, and an event older than the one before
// it ends the watch. What a single list says is not believed, for a server may lag. But our lists name no version, and
// such a list is a consistent read: the server asks a quorum of etcd what the newest state is, each time. Where several
// of them in a row are older than what was seen, with a pause before each, and do not go back among themselves, it is
// the etcd that has gone back (restored from a backup), or the version seen was never true (a bookmark with one too
// high). Then the list is taken like any that follows on an interrupted watch.
class WatchMachine {
 public:
  explicit WatchMachine(WatchSettings settings);

  // The command of the state that the machine is in. The same until the next step().
  const WatchMachineCommand& command() const { return command_; }

  // Takes what happened while the command was carried out; `random` in [0, 1) gives the jitter. An input that does not
  // belong to the state (a bug of the caller) is answered with an Reaction that abandons, and a new list.
  Reaction step(const WatchMachineInput& input, double random);

  std::uint64_t last_seen() const { return last_seen_; }

 private:
  struct Listing {
    std::string continue_token;
    std::uint64_t resource_version = 0;  // of the first page; 0: none yet
    bool paged = true;
    std::size_t empty_pages = 0;  // since the last item
  };
  struct Watching {
    std::uint64_t resource_version = 0;
  };
  struct Pausing {
    std::chrono::milliseconds time{};
    std::variant<Listing, Watching> then;
  };
  using State = std::variant<Listing, Watching, Pausing>;

  Reaction on_page(const Listing& state, const PageListed& page, double random);
  Reaction on_last_page(std::uint64_t version, double random);
  bool is_believed(std::uint64_t version);
  Reaction on_list_failure(const Listing& state, const RequestFailed& failure, double random);
  Reaction on_version(const Watching& state, std::uint64_t version, StoreAction action, double random);
  Reaction on_watch_failure(const Watching& state, const RequestFailed& failure, double random);
  Reaction on_watch_end(const Watching& state, bool short_lived, double random);
  Reaction on_list_asked(bool at_once, double random);

  void go(State next, double random);
  void pause(std::variant<Listing, Watching> then, std::optional<std::chrono::seconds> at_least, double random);
  Reaction restart(std::string why, double random);
  void made_progress();

  WatchSettings settings_;
  State state_;
  WatchMachineCommand command_;
  base::Backoff backoff_;
  std::uint64_t last_seen_ = 0;   // highest version of a list, event or bookmark since the last list that was older
  std::uint64_t older_list_ = 0;  // version of the last list that was older than that; 0: the last one was not
  int older_lists_ = 0;           // such lists in a row that do not go back
  int failures_ = 0;              // of watches, since the last progress
  bool progress_ = false;         // an event, a bookmark or a whole watch since the last list
};

}  // namespace k8s
