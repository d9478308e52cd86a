#pragma once

#include <boost/asio/awaitable.hpp>

#include "k8sclient/cache/reflect_loop.hpp"
#include "k8sclient/cache/store.hpp"

namespace k8s {

// Keeps a Store of all objects of one kind, and reports changes to a handler: Pod, Service, Namespace, EndpointSlice.
//
// Lists, then watches, and recovers from any failure (see WatchMachine). A relist is put aside until it is complete,
// then compared with the store in one turn of the loop: only differences are delivered, and objects deleted in the
// meantime are found; deletions that the guard does not allow are listed once more, and withheld (see Store::replace).
// A failure never empties the store: its content is only old. An object that cannot be read fails neither the list nor
// the watch: it stays as last known.
//
// Life cycle: construct, spawn run(), cancel it and wait for its end, destroy.
template <class T>
class Reflector final : private ReflectLoop::Target {
 public:
  // `client` and `handler` must outlive it.
  Reflector(const Client& client, ReflectorOptions options, Handler<T>& handler);
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // Runs until it is cancelled.
  boost::asio::awaitable<void> run() { return loop_.run(); }

  // Waits for the first complete list, which the handler has received then. The reflector must outlive it.
  boost::asio::awaitable<void> await_synced() { return loop_.await_synced(); }

  // Lists all objects again, at once and over another connection; on_relisted() reports the end.
  void relist() { loop_.relist(); }

  const Store<T>& store() const { return store_; }
  bool synced() const { return synced_; }  // the first list is complete
  const ReflectorStats& stats() const { return loop_.stats(); }
  WatchLife life() const { return loop_.life(); }
  // The highest resourceVersion: the store has all changes up to it. It has a write of the client's own once this is at
  // least WriteResult::resource_version.
  std::uint64_t last_seen() const { return loop_.last_seen(); }

 private:
  std::unique_ptr<ListDecoder> list_decoder(Encoding encoding) override;
  std::unique_ptr<StreamDecoder> watch_decoder(Encoding encoding) override;
  std::size_t put_aside() const override { return cold_.size(); }
  bool commit(bool restored) override;
  void discard() override;
  base::Result<void> on_event(EventType type, T&& object);
  base::Result<void> put_aside(EventType type, T&& object);
  base::Result<void> on_unreadable(EventType type, Unreadable&& object);

  Handler<T>& handler_;
  Store<T> store_;
  typename Store<T>::Listed cold_;  // of the present list
  bool synced_ = false;
  ReflectLoop loop_;
};

// Waits for the first complete lists of several reflectors, of any kinds.
template <class... Kinds>
boost::asio::awaitable<void> await_synced(Reflector<Kinds>&... reflectors) {
  (co_await reflectors.await_synced(), ...);
}

extern template class Reflector<Pod>;
extern template class Reflector<Service>;
extern template class Reflector<Namespace>;
extern template class Reflector<EndpointSlice>;

}  // namespace k8s
