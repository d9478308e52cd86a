#pragma once

#include <functional>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "contrail-client/watch/stream.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/inventory.hpp"
#include "controller/run/unreadable_objects.hpp"

namespace knm {

// By how much a list may take longer than a single answer: it contains thousands of objects.
inline constexpr int list_timeout_factor = 6;

// Passes the notifications of the config API to the engine. The first lists of a stream are an inventory, so they and
// the audits take turns.
//
// Life cycle: construct, run() and take_turn(), cancel and join both, destroy.
class ConfigWatch {
 public:
  // All of them outlive it. `now`: the time of the engine. `changed`: called after each change of the engine.
  ConfigWatch(boost::asio::any_io_executor executor, Engine& engine, contrail::Api& config,
              UnreadableConfigObjects& unreadable, std::function<Time()> now, std::function<void()> changed);

  // Runs until it is cancelled.
  boost::asio::awaitable<void> run() { return stream_.run(); }

  // Waits until the first attempt has ended, or its lists are complete, and no stream reads its lists. No stream begins
  // then before the end of the turn.
  boost::asio::awaitable<void> take_turn();
  void end_turn();

  // Whether a stream has completed an inventory since the last call of take_inventory(), and how long that took.
  bool has_inventory() const { return took_.has_value(); }
  std::optional<Time> take_inventory() { return std::exchange(took_, {}); }
  // The end of the last stream whose lists were complete; zero: none has ended.
  Time lost_at() const { return lost_at_; }

  const contrail::watch::StreamLife& life() const { return stream_.life(); }

 private:
  boost::asio::awaitable<std::vector<contrail::watch::Subscription>> prepare();
  void hear(contrail::watch::Event&& event);
  void lists_are_complete();
  void attempt_has_ended();
  void unread(const contrail::Unreadable& object);

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  UnreadableConfigObjects& unreadable_;
  std::function<Time()> now_;
  std::function<void()> changed_;
  contrail::watch::Stream stream_;
  boost::asio::steady_timer turn_;      // never fires; cancelled when a turn may begin
  std::optional<Inventory> inventory_;  // that the present stream reads
  Time began_{0};                       // the reading of `inventory_`
  std::optional<Time> took_;
  Time lost_at_{0};
  bool tried_ = false;  // the first attempt has ended, or its lists are complete
  bool is_audit_turn_ = false;
};

}  // namespace knm
