#include "k8sclient/watch/machine.hpp"

#include <algorithm>
#include <utility>

namespace k8s {
namespace {

std::string versions(std::uint64_t came, std::uint64_t known) {
  return "version " + std::to_string(came) + " came after " + std::to_string(known);
}

}  // namespace

WatchMachine::WatchMachine(WatchSettings settings)
    : settings_(settings), state_(Listing{{}, 0, true}), backoff_(settings.backoff) {
  begin(whole_state(), 0);
}

Reaction WatchMachine::step(const WatchMachineInput& input, double random) {
  if (const auto* asked = std::get_if<ListAsked>(&input)) return on_list_asked(asked->at_once, random);
  if (const auto* listing = std::get_if<Listing>(&state_)) {
    const Listing state = *listing;
    if (const auto* page = std::get_if<PageListed>(&input)) return on_page(state, *page, random);
    if (const auto* failure = std::get_if<RequestFailed>(&input)) return on_list_failure(state, *failure, random);
  } else if (is_streaming()) {
    if (std::holds_alternative<ObjectSeen>(input)) return {StoreAction::keep, false, std::nullopt};
    if (const auto* bookmark = std::get_if<BookmarkSeen>(&input)) return on_initial_end(*bookmark, random);
    if (const auto* failure = std::get_if<RequestFailed>(&input)) return on_stream_failure(*failure, random);
    if (std::holds_alternative<WatchEnded>(input)) return on_stream_failure({}, random);
  } else if (const auto* watching = std::get_if<Watching>(&state_)) {
    const Watching state = *watching;
    if (const auto* object = std::get_if<ObjectSeen>(&input))
      return on_version(state, object->resource_version, StoreAction::apply, random);
    if (const auto* bookmark = std::get_if<BookmarkSeen>(&input))
      return on_version(state, bookmark->resource_version, StoreAction::none, random);
    if (const auto* failure = std::get_if<RequestFailed>(&input)) return on_watch_failure(state, *failure, random);
    if (const auto* end = std::get_if<WatchEnded>(&input)) return on_watch_end(state, end->short_lived, random);
  } else if (std::holds_alternative<Waited>(input)) {
    const auto then = std::get<Pausing>(state_).then;
    begin(then, random);
    return {};
  }
  return restart("an unexpected input", random);
}

Reaction WatchMachine::on_page(const Listing& state, const PageListed& page, double random) {
  const auto version = page.meta.resource_version;
  if (state.resource_version == 0 && !is_believed(version)) return refuse_older(version, random);
  if (state.resource_version != 0 && version != state.resource_version) {
    pause(Listing{{}, 0, /*paged=*/false}, std::nullopt, random);
    return {StoreAction::discard, true, "the pages of the list have different versions"};
  }
  if (page.meta.continue_token.empty()) return on_complete(version, random);
  const std::size_t empty = page.items == 0 ? state.empty_pages + 1 : 0;
  if (empty > settings_.empty_pages) return restart("the list has too many empty pages", random);
  go(Listing{page.meta.continue_token, version, state.paged, empty}, random);
  return {StoreAction::keep, false, std::nullopt};
}

// Whether a list of this version may be the present state.
bool WatchMachine::is_believed(std::uint64_t version) {
  if (version >= last_seen_) {
    older_list_ = 0;
    older_lists_ = 0;
    return true;
  }
  older_lists_ = version >= older_list_ ? older_lists_ + 1 : 1;
  older_list_ = version;
  return older_lists_ >= settings_.older_lists_believed;
}

Reaction WatchMachine::refuse_older(std::uint64_t version, double random) {
  pause(whole_state(), settings_.older_list_pause, random);
  return {StoreAction::discard, true,
          "the server lists an older state than before (" + versions(version, last_seen_) +
              "); the server lags, or its etcd was restored from a backup; the older state is believed after " +
              std::to_string(settings_.older_lists_believed - older_lists_) + " more such lists in a row"};
}

// The state of this version was read completely.
Reaction WatchMachine::on_complete(std::uint64_t version, double random) {
  Reaction reaction{StoreAction::commit, false, std::nullopt};
  reaction.restored = version < last_seen_;
  if (reaction.restored)
    reaction.why = "the older state of the server is believed (" + versions(version, last_seen_) + ", in " +
                   std::to_string(older_lists_) +
                   " lists in a row): its etcd was restored from a backup, or an earlier version was too high";
  last_seen_ = version;
  older_list_ = 0;
  older_lists_ = 0;
  failures_ = 0;
  silences_ = 0;
  failed_streams_ = 0;
  progress_ = false;
  go(Watching{version}, random);
  return reaction;
}

// A server sends no other bookmark before the one at the end of the initial events.
Reaction WatchMachine::on_initial_end(const BookmarkSeen& bookmark, double random) {
  const auto version = bookmark.resource_version;
  if (!bookmark.initial_events_end) return list_instead("the server does not mark the end of a streaming list", random);
  if (version == 0) return restart("the streaming list has no resourceVersion", random);
  if (!is_believed(version)) return refuse_older(version, random);
  return on_complete(version, random);
}

Reaction WatchMachine::on_stream_failure(const RequestFailed& failure, double random) {
  if (failure.trouble == Trouble::invalid) return list_instead("the server refuses streaming lists", random);
  ++failed_streams_;
  pause(whole_state(), failure.retry_after, random);
  return {StoreAction::discard, true, std::nullopt};
}

Reaction WatchMachine::on_list_failure(const Listing& state, const RequestFailed& failure, double random) {
  // A list that takes longer than etcd keeps its version must be read in one piece.
  if (failure.trouble == Trouble::expired && !state.continue_token.empty() && state.paged)
    go(Listing{{}, 0, /*paged=*/false}, random);
  else
    pause(Listing{{}, 0, state.paged}, failure.retry_after, random);
  return {StoreAction::discard, true, std::nullopt};
}

Reaction WatchMachine::on_version(const Watching& state, std::uint64_t version, StoreAction action, double random) {
  if (version < state.resource_version)
    return restart("the watch shows an older version (" + versions(version, state.resource_version) + ")", random);
  if (version > state.resource_version) made_progress();
  silences_ = 0;
  heard_ = true;
  last_seen_ = std::max(last_seen_, version);
  state_ = Watching{version};  // the present command stays
  return {action, false, std::nullopt};
}

Reaction WatchMachine::on_watch_failure(const Watching& state, const RequestFailed& failure, double random) {
  ++failures_;
  if (failure.trouble == Trouble::silent) ++silences_;
  const Reaction reaction{StoreAction::none, true, std::nullopt};
  if (failure.trouble == Trouble::expired) {
    // At once, unless the last list led here without any progress.
    if (std::exchange(progress_, false))
      begin(whole_state(), random);
    else
      pause(whole_state(), failure.retry_after, random);
  } else if (failure.trouble == Trouble::malformed || failures_ > settings_.retries_before_list ||
             silences_ >= settings_.silences_before_list) {
    // Silent again: the version may be one that the server has not reached, since its etcd was restored from a backup.
    // Such a server passes on neither events nor bookmarks (seen with Kubernetes 1.36).
    pause(whole_state(), failure.retry_after, random);
  } else {
    pause(state, failure.retry_after, random);
  }
  return reaction;
}

Reaction WatchMachine::on_watch_end(const Watching& state, bool short_lived, double random) {
  // No server does that by itself: without a pause this would be a hot loop.
  if (short_lived) return on_watch_failure(state, {Trouble::busy, std::nullopt}, random);
  if (heard_)
    made_progress();
  else
    ++silences_;
  if (silences_ < settings_.silences_before_list)
    go(state, random);
  else
    pause(whole_state(), std::nullopt, random);
  return {};
}

Reaction WatchMachine::on_list_asked(bool at_once, double random) {
  if (auto* pausing = std::get_if<Pausing>(&state_)) {
    if (std::holds_alternative<Watching>(pausing->then)) pausing->then = whole_state();
  } else if (std::holds_alternative<Watching>(state_)) {
    if (at_once)
      begin(whole_state(), random);
    else
      pause(whole_state(), std::nullopt, random);
  }
  return {};
}

// The way to read the whole state.
WatchMachine::Work WatchMachine::whole_state() const {
  if (settings_.streaming_list && can_stream_ && failed_streams_ < settings_.streams_before_list) return Streaming{};
  return Listing{};
}

void WatchMachine::begin(Work next, double random) {
  std::visit([&](auto& state) { go(std::move(state), random); }, next);
}

// Enters a state, and sets its command.
void WatchMachine::go(State next, double random) {
  state_ = std::move(next);
  if (const auto* listing = std::get_if<Listing>(&state_)) {
    command_ = ListCommand{listing->paged ? settings_.page_size : 0, listing->continue_token};
  } else if (const auto* pausing = std::get_if<Pausing>(&state_)) {
    command_ = WaitCommand{pausing->time};
  } else {
    const auto* watching = std::get_if<Watching>(&state_);
    const auto base = static_cast<double>(settings_.watch_timeout.count());
    const auto longer = static_cast<std::chrono::seconds::rep>(base * (1 + random));
    heard_ = false;
    command_ =
        WatchCommand{watching ? watching->resource_version : 0, std::chrono::seconds(longer), watching == nullptr};
  }
}

void WatchMachine::pause(Work then, std::optional<std::chrono::seconds> at_least, double random) {
  std::chrono::milliseconds time = backoff_.next(random);
  if (at_least) time = std::max<std::chrono::milliseconds>(time, std::min(*at_least, settings_.max_retry_after));
  go(Pausing{time, std::move(then)}, random);
}

// Content that cannot be trusted: starts again, after a pause.
Reaction WatchMachine::restart(std::string why, double random) {
  pause(whole_state(), std::nullopt, random);
  return {StoreAction::discard, true, std::move(why)};
}

// The server does not support streaming lists: at once by a list, since that happens once.
Reaction WatchMachine::list_instead(std::string why, double random) {
  can_stream_ = false;
  go(Listing{}, random);
  return {StoreAction::discard, true, why + "; lists are used from now on"};
}

void WatchMachine::made_progress() {
  progress_ = true;
  failures_ = 0;
  silences_ = 0;
  backoff_.reset();
}

}  // namespace k8s
