#pragma once

#include <functional>
#include <utility>

#include "controller/engine/engine.hpp"
#include "k8sclient/cache/store.hpp"

namespace knm {

// What a store of the cluster's objects tells, into the engine; and what the engine says that hangs on an object.
template <class T>
class Feed final : public k8s::Handler<T> {
 public:
  // `changed` is called after whatever the engine is told; `synced` when the first list is complete.
  explicit Feed(Engine& engine, std::function<void()> changed = {}, std::function<void()> synced = {})
      : engine_(engine), changed_(std::move(changed)), synced_(std::move(synced)) {}

  void on_upsert(const T& object) override {
    engine_.put(object);
    tell(changed_);
  }
  void on_delete(const T& last_known) override {
    engine_.drop(last_known);
    tell(changed_);
  }
  void on_synced() override { tell(synced_); }
  void on_relisted(std::uint64_t resource_version) override {
    engine_.template relisted<T>(resource_version);
    tell(changed_);
  }
  k8s::Worth worth_of(const T& known) const override { return engine_.worth_of(known); }
  std::size_t still_carried(const T& shown) const override { return engine_.still_carried(shown); }
  void on_withheld(const k8s::Withheld& now) override {
    engine_.withheld(watched_of<T>, now);
    tell(changed_);
  }

 private:
  static void tell(const std::function<void()>& callback) {
    if (callback) callback();
  }

  Engine& engine_;
  std::function<void()> changed_, synced_;
};

}  // namespace knm
