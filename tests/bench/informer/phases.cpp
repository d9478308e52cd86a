#include "tests/bench/informer/phases.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/bench/informer/usage.hpp"

namespace knm::bench {

namespace {

constexpr std::size_t kinds = 4;

std::int64_t nanoseconds_since_epoch() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Phases::Phases(boost::asio::any_io_executor executor, Watching what)
    : what_(std::move(what)),
      finished_(executor, boost::asio::steady_timer::time_point::max()),
      began_(std::chrono::steady_clock::now()),
      phase_cpu_(cpu_seconds()) {
  handled_at_.reserve(what_.paced);
}

void Phases::on_kind_synced(std::string_view resource, std::size_t objects, std::uint64_t bytes) {
  objects_[resource] = objects;
  bytes_ += bytes;
  if (objects_.size() < kinds) return;
  const double cpu = cpu_seconds() - phase_cpu_;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
  tell({{"phase", "synced"}, {"seconds", seconds.count()}, {"cpu", cpu}, {"objects", objects_}, {"bytes", bytes_}});
  report("steady", nlohmann::json::object());
  if (what_.paced + what_.burst == 0) finished_.cancel();
}

void Phases::on_pod_changed() {
  if (objects_.size() < kinds) return;
  ++changes_;
  if (changes_ <= what_.paced) handled_at_.push_back(nanoseconds_since_epoch());
  if (changes_ == what_.paced) report("paced", {{"handled_at", handled_at_}});
  if (changes_ != what_.paced + what_.burst) return;
  if (what_.burst > 0) report("burst", nlohmann::json::object());
  finished_.cancel();
}

boost::asio::awaitable<void> Phases::wait() {
  co_await finished_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

void Phases::report(const char* phase, nlohmann::json line) {
  line["phase"] = phase;
  line["cpu"] = cpu_seconds() - phase_cpu_;
  tell(std::move(line));
  phase_cpu_ = cpu_seconds();
}

}  // namespace knm::bench
