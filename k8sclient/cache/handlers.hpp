#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "k8sclient/cache/store.hpp"

namespace k8s {

// Several handlers for one reflector: passes each change to all of them, in the order in which they were added.
// No handler may be added from within a call.
template <class T>
class Handlers final : public Handler<T> {
 public:
  // All handlers must outlive it.
  void add(Handler<T>& handler) { handlers_.push_back(&handler); }
  // Adds a handler to a reflector that runs: first it gets the present objects, unreadable and withheld ones included,
  // and on_synced() if they are complete. The store must keep whole objects (Keep::objects).
  void add(Handler<T>& handler, const Store<T>& present) {
    add(handler);
    for (const auto& [key, object] : present) handler.on_upsert(object);
    for (const auto& [key, object] : present.unreadable().named) handler.on_unreadable(object);
    if (present.unreadable().nameless > 0) handler.on_unreadable(present.unreadable().first);
    if (present.withheld().objects > 0) handler.on_withheld(present.withheld());
    if (synced_) handler.on_synced();
  }

  void on_upsert(const T& object) override {
    each([&](auto& handler) { handler.on_upsert(object); });
  }
  void on_delete(const T& last_known) override {
    each([&](auto& handler) { handler.on_delete(last_known); });
  }
  void on_synced() override {
    synced_ = true;
    each([](auto& handler) { handler.on_synced(); });
  }
  void on_restored() override {
    each([](auto& handler) { handler.on_restored(); });
  }
  void on_relisted(std::uint64_t resource_version) override {
    each([&](auto& handler) { handler.on_relisted(resource_version); });
  }
  void on_unreadable(const Unreadable& object) override {
    each([&](auto& handler) { handler.on_unreadable(object); });
  }
  void on_readable(const Unreadable& was) override {
    each([&](auto& handler) { handler.on_readable(was); });
  }
  // An object is worth what it is worth to the handler that would lose most.
  Worth worth_of(const T& known) const override {
    Worth most{0, 0};
    for (const auto* handler : handlers_) {
      const Worth worth = handler->worth_of(known);
      most = {std::max(most.objects, worth.objects), std::max(most.carried, worth.carried)};
    }
    return handlers_.empty() ? Worth{} : most;
  }
  std::size_t still_carried(const T& shown) const override {
    std::size_t least = DeletionGuard::any;
    for (const auto* handler : handlers_) least = std::min(least, handler->still_carried(shown));
    return least;
  }
  void on_withheld(const Withheld& now) override {
    each([&](auto& handler) { handler.on_withheld(now); });
  }

 private:
  void each(auto&& call) {
    for (auto* handler : handlers_) call(*handler);
  }

  std::vector<Handler<T>*> handlers_;
  bool synced_ = false;
};

}  // namespace k8s
