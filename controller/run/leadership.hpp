#pragma once

#include <functional>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task_group.hpp"
#include "controller/status/state.hpp"
#include "k8sclient/leader/elector.hpp"

namespace knm {

// The part of this instance in the leader election: a standby, then perhaps the leader, then never a standby again. An
// instance that loses the lease ends: its observed state is old by the time it could lead again.
class Leadership {
 public:
  // `elector` must outlive it; null: there is no election, and this instance leads. `lost` is called once.
  Leadership(boost::asio::any_io_executor executor, k8s::Elector* elector, std::function<void()> lost);

  // Takes part in the election, in `tasks`; returns when this instance is elected.
  boost::asio::awaitable<void> win(base::TaskGroup& tasks);

  // Frees the lease if this instance has it, for the end of the program, when it sends no write any more (a server may
  // still carry out one that was abandoned: docs/high-availability.md). After a lost term there is nothing to free.
  boost::asio::awaitable<void> release();

  // Whether this instance has not led yet.
  bool is_standby() const { return part_ == Part::standby; }
  bool is_lost() const { return part_ == Part::former_leader; }

  // Why a standby could not follow the leader; nullopt: it could, or it leads.
  std::optional<std::string> fault() const;
  // For the state and the metrics; nullopt: there is no election.
  std::optional<ElectionState> state() const;

 private:
  enum class Part : std::uint8_t { standby, leader, former_leader };

  void elected();
  void lost();

  k8s::Elector* elector_;
  std::function<void()> lost_;
  Part part_;
  boost::asio::steady_timer elected_;  // never fires; cancelled when this instance is elected
};

}  // namespace knm
