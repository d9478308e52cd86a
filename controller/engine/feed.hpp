#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "controller/engine/engine.hpp"
#include "k8sclient/api/resource.hpp"
#include "k8sclient/cache/store.hpp"

namespace knm {

template <class Object>
inline constexpr SubjectKind subject_kind_of = std::is_same_v<Object, k8s::Namespace> ? SubjectKind::ns
                                               : std::is_same_v<Object, k8s::Pod>     ? SubjectKind::pod
                                               : std::is_same_v<Object, k8s::Service> ? SubjectKind::service
                                                                                      : SubjectKind::slice;

// Passes the changes of a store into the engine, and answers how much depends on an object.
template <class T>
class Feed final : public k8s::Handler<T> {
 public:
  // An object cannot be read, or (`over`) can be read again or is deleted.
  using OnUnreadable = std::function<void(const k8s::Unreadable& object, bool over)>;

  // `changed` is called after each change that the engine gets; `synced` when the first list is complete.
  explicit Feed(Engine& engine, std::function<void()> changed = {}, std::function<void()> synced = {},
                OnUnreadable unreadable = {})
      : engine_(engine), changed_(std::move(changed)), synced_(std::move(synced)), unreadable_(std::move(unreadable)) {}

  void on_upsert(const T& object) override {
    engine_.put(object);
    tell(changed_);
  }
  void on_delete(const T& last_known) override {
    engine_.drop(last_known);
    tell(changed_);
  }
  void on_synced() override { tell(synced_); }
  void on_restored() override { engine_.template restored<T>(); }
  void on_relisted(std::uint64_t resource_version) override {
    engine_.template relisted<T>(resource_version);
    tell(changed_);
  }
  void on_unreadable(const k8s::Unreadable& object) override {
    if (unreadable_) unreadable_(object, false);
    if (object.named)
      engine_.note_unreadable(subject_of(object), object.uid, object.why);
    else
      engine_.note_nameless(subject_kind_of<T>, true);
    tell(changed_);
  }
  void on_readable(const k8s::Unreadable& was) override {
    if (unreadable_) unreadable_(was, true);
    if (was.named)
      engine_.end_unreadable(subject_of(was));
    else
      engine_.note_nameless(subject_kind_of<T>, false);
    tell(changed_);
  }
  k8s::Worth worth_of(const T& known) const override { return engine_.worth_of(known); }
  std::size_t still_carried(const T& shown) const override { return engine_.still_carried(shown); }
  void on_withheld(const k8s::Withheld& now) override {
    engine_.withheld(watched_of<T>, now);
    tell(changed_);
  }

 private:
  static Subject subject_of(const k8s::Unreadable& object) {
    return {subject_kind_of<T>, k8s::resource_name<T>.namespaced ? tier_key(object.ns, object.name) : object.name};
  }
  static void tell(const std::function<void()>& callback) {
    if (callback) callback();
  }

  Engine& engine_;
  std::function<void()> changed_, synced_;
  OnUnreadable unreadable_;
};

}  // namespace knm
