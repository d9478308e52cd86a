#include "controller/run/config_watch.hpp"

#include <utility>

#include "controller/run/library_log.hpp"
#include "net/as_result.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
namespace watch = contrail::watch;

watch::StreamOptions stream_options(const Settings& settings) {
  watch::StreamOptions options;
  options.answer_timeout = settings.request_timeout;
  options.list_patience = settings.request_timeout * list_timeout_factor;
  // They come one after the other.
  options.list_limit = options.list_patience * contrail::type_count;
  options.log = log_config_api;
  return options;
}

}  // namespace

ConfigWatch::ConfigWatch(asio::any_io_executor executor, Engine& engine, contrail::Api& config,
                         UnreadableConfigObjects& unreadable, std::function<Time()> now, std::function<void()> changed)
    : executor_(executor),
      engine_(engine),
      unreadable_(unreadable),
      now_(std::move(now)),
      changed_(std::move(changed)),
      stream_(
          executor, config, [this] { return prepare(); }, [this](watch::Event&& event) { hear(std::move(event)); },
          stream_options(engine.settings())),
      turn_(executor, asio::steady_timer::time_point::max()) {}

asio::awaitable<void> ConfigWatch::take_turn() {
  while (inventory_ || !tried_) co_await turn_.async_wait(net::as_result);
  is_audit_turn_ = true;
}

void ConfigWatch::end_turn() {
  is_audit_turn_ = false;
  turn_.cancel();
}

asio::awaitable<std::vector<watch::Subscription>> ConfigWatch::prepare() {
  while (is_audit_turn_) co_await turn_.async_wait(net::as_result);
  inventory_.emplace(engine_, Inventory::From::stream);
  unreadable_.begin();
  began_ = now_();
  co_return inventory_->subscriptions();
}

void ConfigWatch::hear(watch::Event&& event) {
  if (auto* listed = std::get_if<watch::Listed>(&event)) {
    if (inventory_) inventory_->add(listed->object);
  } else if (auto* changed = std::get_if<watch::Changed>(&event)) {
    engine_.notify_changed(changed->object, now_());
    changed_();
  } else if (auto* deleted = std::get_if<watch::Deleted>(&event)) {
    engine_.notify_deleted(deleted->type, deleted->uuid, now_());
    changed_();
  } else if (auto* unreadable = std::get_if<watch::Unread>(&event)) {
    unread(unreadable->object);
  } else if (std::holds_alternative<watch::Complete>(event)) {
    lists_are_complete();
  } else if (std::holds_alternative<watch::Lost>(event)) {
    attempt_has_ended();
  }
}

// One that a list shows is left to the inventory, one that has changed to the next audit.
void ConfigWatch::unread(const contrail::Unreadable& object) {
  if (!inventory_) return;
  inventory_->add(object);
  unreadable_.note(object);
}

void ConfigWatch::lists_are_complete() {
  inventory_->finish(now_());
  unreadable_.end();
  inventory_.reset();
  engine_.watch_completed();
  took_ = now_() - began_;
  tried_ = true;
  turn_.cancel();
  changed_();
}

void ConfigWatch::attempt_has_ended() {
  inventory_.reset();
  if (engine_.watch_alive()) lost_at_ = now_();
  engine_.watch_lost();
  tried_ = true;
  turn_.cancel();
  changed_();
}

}  // namespace knm
