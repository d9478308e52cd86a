#include "controller/run/event_writer.hpp"

#include <utility>

#include <boost/asio/ip/host_name.hpp>

#include "controller/log/loggers.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
// If the host has no name, the controller's is used: the API requires one.
std::string host_name() {
  boost::system::error_code error;
  auto name = asio::ip::host_name(error);
  return error || name.empty() ? "kube-network-manager" : name;
}

EventAnswer::Result result_of(k8s::WriteOutcome outcome) {
  switch (outcome) {
    case k8s::WriteOutcome::done:
      return EventAnswer::Result::done;
    case k8s::WriteOutcome::conflict:
      return EventAnswer::Result::exists;
    case k8s::WriteOutcome::gone:
      return EventAnswer::Result::gone;
    case k8s::WriteOutcome::ending:
      return EventAnswer::Result::ending;
    default:
      return EventAnswer::Result::failed;
  }
}

}  // namespace

EventWriter::EventWriter(asio::any_io_executor executor, k8s::Client& kubernetes, base::TaskGroup& tasks, bool enabled)
    : kubernetes_(kubernetes),
      tasks_(tasks),
      instance_(host_name()),
      alarm_(executor, tasks, [this] { dispatch(); }),
      stopped_(!enabled) {}

void EventWriter::update(const ProblemBook& book, const std::set<Subject>& changed) {
  if (stopped_ || changed.empty()) return;
  recorder_.update(book, changed, alarm_.now());
  dispatch();
}

void EventWriter::notice(Notice notice) {
  if (stopped_) return;
  recorder_.notice(std::move(notice), alarm_.now());
  dispatch();
}

void EventWriter::dispatch() {
  if (stopped_) return;
  while (auto write = recorder_.poll(alarm_.now())) tasks_.spawn("event", send(std::move(*write)));
  alarm_.set(recorder_.next_wakeup());
}

k8s::Event EventWriter::event_for(const EventWrite& write) const {
  const auto ago = std::chrono::duration_cast<std::chrono::system_clock::duration>(alarm_.now() - write.seen);
  auto event = event_of(write.notice, instance_, std::chrono::system_clock::now() - ago);
  event.name = write.name;
  return event;
}

asio::awaitable<void> EventWriter::send(EventWrite write) {
  auto event = event_for(write);
  EventAnswer answer;
  k8s::WriteResult result;
  switch (write.step) {
    case EventWrite::Step::create:
      result = co_await kubernetes_.create_event(std::move(event));
      break;
    case EventWrite::Step::look: {
      auto counted = co_await kubernetes_.count_of_event(std::move(event));
      answer.count = counted.count;
      result = std::move(counted.result);
      break;
    }
    case EventWrite::Step::count: {
      const k8s::EventSeries series{write.count, event.time};
      result = co_await kubernetes_.patch_event_series(std::move(event), series);
      break;
    }
  }
  answer.result = result_of(result.outcome);
  if (answer.result == EventAnswer::Result::failed) log_failure(result);
  recorder_.answer(write.id, answer, alarm_.now());
  dispatch();
}

void EventWriter::log_failure(const k8s::WriteResult& result) {
  const auto level = result.error.code == last_error_ ? log::Level::debug : log::Level::warning;
  log::events.write(level, "Event could not be written", {{"error", result.error.message}});
  last_error_ = result.error.code;
}

}  // namespace knm
