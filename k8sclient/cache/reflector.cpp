#include "k8sclient/cache/reflector.hpp"

#include <utility>

#include "k8sclient/api/errc.hpp"

namespace k8s {

template <class T>
Reflector<T>::Reflector(const Client& client, ReflectorOptions options, Handler<T>& handler)
    : handler_(handler),
      store_(options.keep, options.deletion_guard),
      loop_(client, resource_name<T>, std::move(options), *this) {}

template <class T>
std::unique_ptr<ListDecoder> Reflector<T>::list_decoder(Encoding encoding) {
  const auto& options = loop_.options();
  return make_list_decoder<T>(
      encoding, options.projection, options.limits,
      [this](T&& object) -> base::Result<void> {
        if (!store_.add(object, cold_))
          return base::Error{errc::malformed, "the list of " + std::string(resource_name<T>.plural) + " has '" +
                                                  object_key(object.meta) + "' twice"};
        return {};
      },
      [this](Unreadable&& object) -> base::Result<void> {
        cold_.unreadable.add(std::move(object));
        return {};
      });
}

template <class T>
std::unique_ptr<StreamDecoder> Reflector<T>::watch_decoder(Encoding encoding) {
  const auto& options = loop_.options();
  WatchEvents<T> events;
  events.on_object = [this](EventType type, T&& object) { return on_event(type, std::move(object)); };
  events.on_unreadable = [this](EventType type, Unreadable&& object) { return on_unreadable(type, std::move(object)); };
  events.on_bookmark = [this](const Bookmark& bookmark) -> base::Result<void> {
    const auto verdict = loop_.judge(bookmark);
    return verdict ? base::Result<void>() : base::Result<void>(verdict.error());
  };
  events.on_error = [this](const Status& status) { return loop_.refuse(status); };
  return make_watch_decoder<T>(encoding, options.projection, options.limits, std::move(events));
}

template <class T>
base::Result<void> Reflector<T>::on_event(EventType type, T&& object) {
  const auto verdict = loop_.judge(ObjectSeen{object.meta.resource_version});
  if (!verdict) return verdict.error();
  if (*verdict == StoreAction::keep) return put_aside(type, std::move(object));
  if (*verdict != StoreAction::apply) return {};
  if (type == EventType::deleted)
    store_.remove(object.meta.ns, object.meta.name, handler_);
  else
    store_.upsert(std::move(object), handler_);
  return {};
}

// An event of a streaming list before its end: the last one of an object counts.
template <class T>
base::Result<void> Reflector<T>::put_aside(EventType type, T&& object) {
  if (type == EventType::added && store_.add(object, cold_)) return {};
  store_.forget(object_key(object.meta), cold_);
  if (type != EventType::deleted) store_.add(object, cold_);
  return {};
}

template <class T>
base::Result<void> Reflector<T>::on_unreadable(EventType type, Unreadable&& object) {
  // If its version is unknown, the watch begins before it again after a broken connection.
  auto verdict = base::Result<StoreAction>(StoreAction::apply);
  if (object.resource_version > 0)
    verdict = loop_.judge(ObjectSeen{object.resource_version});
  else
    verdict = loop_.judge_unversioned();
  if (!verdict) return verdict.error();
  const bool aside = *verdict == StoreAction::keep;
  if (!aside && *verdict != StoreAction::apply) return {};
  const bool deleted = type == EventType::deleted;
  if (deleted && !object.named)  // a list shows which object is missing
    return base::Error{errc::malformed, "watching " + std::string(resource_name<T>.plural) +
                                            ": an object with an unreadable name was deleted (" + object.why + ")"};
  if (aside && object.named) store_.forget(object_key(object.ns, object.name), cold_);
  if (deleted && !aside)
    store_.remove(object.ns, object.name, handler_);
  else if (aside && !deleted)
    cold_.unreadable.add(std::move(object));
  else if (!deleted)
    store_.keep(std::move(object), handler_);
  return {};
}

template <class T>
bool Reflector<T>::commit(bool restored) {
  if (restored) handler_.on_restored();
  const bool doubted = store_.replace(std::exchange(cold_, {}), handler_);
  if (std::exchange(synced_, true))
    handler_.on_relisted(loop_.last_seen());
  else
    handler_.on_synced();
  return doubted;
}

template <class T>
void Reflector<T>::discard() {
  cold_ = {};
}

template class Reflector<Pod>;
template class Reflector<Service>;
template class Reflector<Namespace>;
template class Reflector<EndpointSlice>;

}  // namespace k8s
