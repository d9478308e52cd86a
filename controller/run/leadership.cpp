#include "controller/run/leadership.hpp"

#include <utility>

#include "controller/log/loggers.hpp"
#include "net/as_result.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;

std::string lease_of(const k8s::Elector& elector) { return elector.lease_name().ns + "/" + elector.lease_name().name; }

}  // namespace

Leadership::Leadership(asio::any_io_executor executor, k8s::Elector* elector, std::function<void()> lost)
    : elector_(elector),
      lost_(std::move(lost)),
      part_(elector ? Part::standby : Part::leader),
      elected_(executor, asio::steady_timer::time_point::max()) {
  if (!elector_) return;
  elector_->on_elected([this] { elected(); });
  elector_->on_lost([this] { this->lost(); });
}

asio::awaitable<void> Leadership::win(base::TaskGroup& tasks) {
  if (!elector_) co_return;
  log::controller.info("standby: waits for the lease",
                       {{"lease", lease_of(*elector_)}, {"identity", elector_->identity()}});
  tasks.spawn("leader election", elector_->run());
  while (is_standby()) co_await elected_.async_wait(net::as_result);
}

asio::awaitable<void> Leadership::release() {
  // A standby may have been about to take the lease.
  if (elector_ && !is_lost()) co_await elector_->release();
}

void Leadership::elected() {
  if (!is_standby()) return;
  part_ = Part::leader;
  log::controller.info("elected: this instance is the leader",
                       {{"lease", lease_of(*elector_)}, {"identity", elector_->identity()}});
  elected_.cancel();
}

void Leadership::lost() {
  if (std::exchange(part_, Part::former_leader) == Part::former_leader) return;
  log::controller.error("leadership lost; the program ends, and is a standby after its restart",
                        {{"lease", lease_of(*elector_)},
                         {"identity", elector_->identity()},
                         {"holder", elector_->holder()},
                         {"error", elector_->last_error()}});
  lost_();
}

std::optional<std::string> Leadership::fault() const {
  if (!is_standby() || !elector_ || elector_->last_error().empty()) return std::nullopt;
  return elector_->last_error();
}

std::optional<ElectionState> Leadership::state() const {
  if (!elector_) return std::nullopt;
  return ElectionState{elector_->lease_name().ns, elector_->lease_name().name, elector_->identity(), elector_->holder(),
                       elector_->is_leader()};
}

}  // namespace knm
