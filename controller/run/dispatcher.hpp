#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task_group.hpp"
#include "contrail-client/rest/api.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/inventory.hpp"
#include "controller/run/alarm.hpp"
#include "controller/run/config_watch.hpp"
#include "controller/run/unreadable_objects.hpp"
#include "k8sclient/client/client.hpp"

namespace knm {

// The I/O around the engine: sends its requests, passes it the answers, reads the inventory and audits it.
//
// All on one io_context that one thread runs. schedule() must be called after each change of the engine; changes in one
// turn of the loop are settled together. Life cycle: construct, schedule() and run(), cancel and join `tasks`, destroy.
class Dispatcher {
 public:
  // The maximum pause after an audit of any duration, unless the configured interval is longer. While notifications
  // arrive it is multiplied too (Engine::audit_factor()).
  static constexpr std::chrono::minutes longest_audit_pause{10};
  // The pause after an audit of that duration: audits take at most a twentieth of the server's time.
  static Time pause_after(Time audit, Time interval);

  // All must outlive it, and all its work ends with `tasks`.
  Dispatcher(boost::asio::any_io_executor executor, Engine& engine, contrail::Api& config, k8s::Client& kubernetes,
             base::TaskGroup& tasks);

  // Settles changes and sends requests in the next turn of the loop.
  void schedule();

  // Sends no more requests: for a stop, before `tasks` are cancelled.
  void stop() { stopped_ = true; }

  // Reads the inventory, repeatedly until it is complete, then audits it at the configured interval, or less often if
  // reading takes more than a twentieth of the time. Follows the notifications of the config API meanwhile, if the
  // settings say so: their first lists are an inventory, too. Ends when cancelled, or if the engine refuses to run.
  boost::asio::awaitable<void> keep_inventory();

  // The time of the engine.
  Time now() const { return alarm_.now(); }

  // Called after each change of the engine, which may have another state then.
  void after_each(std::function<void()> callback) { after_each_ = std::move(callback); }

  // Called after each reading of the inventory: whether it is complete, its duration, and the time until the next one.
  using AfterAudit = std::function<void(bool, std::chrono::nanoseconds, std::chrono::nanoseconds)>;
  void after_audit(AfterAudit callback) { after_audit_ = std::move(callback); }

  // --- For the report
  bool inventory_read() const { return inventory_read_; }
  const std::string& last_inventory_error() const { return inventory_error_; }
  // Null: the notifications of the config API are switched off.
  const ConfigWatch* config_watch() const { return watch_ ? &*watch_ : nullptr; }
  // The number of objects that the last complete inventory could not read.
  std::size_t unreadable() const { return unreadable_.count(); }

 private:
  void dispatch();
  boost::asio::awaitable<void> settle_and_dispatch();
  boost::asio::awaitable<void> send_config(std::uint64_t id, contrail::Request request);
  boost::asio::awaitable<void> send_patch(std::uint64_t id, PodPatch patch);
  boost::asio::awaitable<void> send_patch(std::uint64_t id, StatusPatch patch);
  // Why a list, or an inventory, was not read.
  struct Unread {
    std::string error;
    bool is_outage = false;  // the servers do not answer, or do not let this program in
  };
  boost::asio::awaitable<std::optional<Unread>> read_inventory();
  boost::asio::awaitable<std::optional<Unread>> read_list(Inventory& inventory, Inventory::Listing listing);
  // What one round of keep_inventory() has read.
  struct Reading {
    std::optional<Unread> failure;
    Time took{0};
  };
  boost::asio::awaitable<Reading> take_reading();
  boost::asio::awaitable<void> keep_ticking();
  boost::asio::awaitable<void> rest(std::function<Time()> pause);
  Time audit_pause(Time took) const;

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  contrail::Api& config_;
  k8s::Client& kubernetes_;
  base::TaskGroup& tasks_;
  Alarm alarm_;
  std::function<void()> after_each_;
  AfterAudit after_audit_;
  bool stopped_ = false;
  bool scheduled_ = false;
  bool inventory_read_ = false;
  UnreadableConfigObjects unreadable_;
  std::optional<ConfigWatch> watch_;
  boost::asio::steady_timer rest_;  // of rest(); cancelled when its end must be found anew
  // of the engine, as rest() knows them
  bool wants_audit_ = false;
  std::int64_t audit_factor_ = 1;
  std::string inventory_error_;
};

}  // namespace knm
