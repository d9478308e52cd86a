#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/task_group.hpp"
#include "contrail-client/rest/api.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/inventory.hpp"
#include "controller/run/alarm.hpp"
#include "controller/run/unreadable_objects.hpp"
#include "k8sclient/client/client.hpp"

namespace knm {

// The I/O around the engine: sends what it asks for, hands it the answers, reads the inventory and audits it.
//
// All on one io_context that one thread runs. Whoever changes what the engine knows calls schedule(); changes of one
// turn of the loop are settled together. Life: construct, schedule() and run() at will, cancel and join `tasks`,
// destroy.
class Dispatcher {
 public:
  // However long an audit takes, the next one is no later than this after it, or than the configured interval.
  static constexpr std::chrono::minutes longest_audit_pause{10};
  // The pause after an audit that took so long: an audit takes no more than a twentieth of the server's time.
  static Time pause_after(Time audit, Time interval);

  // All must retain it, and all its work ends with `tasks`.
  Dispatcher(boost::asio::any_io_executor executor, Engine& engine, contrail::Api& config, k8s::Client& kubernetes,
             base::TaskGroup& tasks);

  // Something changed: settles and sends in the next turn of the loop.
  void schedule();

  // Sends nothing more: for a stop, before `tasks` are cancelled.
  void stop() { stopped_ = true; }

  // Reads the inventory, again and again until it is read whole, then audits it at the configured interval, or less
  // often where reading takes more than a twentieth of the time. Until cancelled, or the engine refuses to run.
  boost::asio::awaitable<void> keep_inventory();

  // The time that the engine is told.
  Time now() const { return alarm_.now(); }

  // Called whenever the engine has been told something: its state may be another one.
  void after_each(std::function<void()> callback) { after_each_ = std::move(callback); }

  // Called whenever reading the inventory has ended: whether it was read whole, how long that took, and how long it is
  // until it is read again.
  using AfterAudit = std::function<void(bool, std::chrono::nanoseconds, std::chrono::nanoseconds)>;
  void after_audit(AfterAudit callback) { after_audit_ = std::move(callback); }

  // For people.
  bool inventory_read() const { return inventory_read_; }
  const std::string& last_inventory_error() const { return inventory_error_; }
  // How many objects the last complete inventory could not read.
  std::size_t unreadable() const { return unreadable_.count(); }

 private:
  void dispatch();
  boost::asio::awaitable<void> settle_and_pump();
  boost::asio::awaitable<void> send_config(std::uint64_t id, contrail::Request request);
  boost::asio::awaitable<void> send_patch(std::uint64_t id, PodPatch patch);
  boost::asio::awaitable<void> send_patch(std::uint64_t id, StatusPatch patch);
  boost::asio::awaitable<std::optional<std::string>> read_inventory();
  boost::asio::awaitable<std::optional<std::string>> read_list(Inventory& inventory, Inventory::Listing listing);
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds time);

  boost::asio::any_io_executor executor_;
  Engine& engine_;
  contrail::Api& config_;
  k8s::Client& kubernetes_;
  base::TaskGroup& tasks_;
  Alarm alarm_;
  std::function<void()> after_each_;
  AfterAudit after_audit_;
  bool stopped_ = false;
  bool kicked_ = false;
  bool inventory_read_ = false;
  UnreadableConfigObjects unreadable_;
  std::string inventory_error_;
};

}  // namespace knm
