#pragma once

#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task_group.hpp"
#include "controller/events/recorder.hpp"
#include "controller/run/alarm.hpp"
#include "k8sclient/client/client.hpp"

namespace knm {

// Writes Events, as the recorder decides. Best effort: nothing waits for them, and failures are counted.
class EventWriter {
 public:
  // Both must outlive it, and all its work ends with `tasks`. If not `enabled`, it writes nothing.
  EventWriter(boost::asio::any_io_executor executor, k8s::Client& kubernetes, base::TaskGroup& tasks, bool enabled);

  // The problems of these objects in the book have changed.
  void update(const ProblemBook& book, const std::set<Subject>& changed);
  void notice(Notice notice);
  // Sends no more Events.
  void stop() { stopped_ = true; }

  const Recorder::Counts& counts() const { return recorder_.counts(); }

 private:
  void dispatch();
  k8s::Event event_for(const EventWrite& write) const;
  boost::asio::awaitable<void> send(EventWrite write);
  void log_failure(const k8s::WriteResult& result);

  k8s::Client& kubernetes_;
  base::TaskGroup& tasks_;
  Recorder recorder_;
  std::string instance_;  // the name of this host
  Alarm alarm_;
  bool stopped_;
  boost::system::error_code last_error_;  // logged once, until another one occurs
};

}  // namespace knm
