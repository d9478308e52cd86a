#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/engine/inventory.hpp"
#include "k8sclient/cache/store.hpp"
#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// The controller's memory in its own composition: a store of each kind feeds the engine, between a cluster that accepts
// every annotation and a config API. Without sockets and with its own clock.
class Machine {
 public:
  using Api = std::function<ConfigAnswer(const contrail::Request&)>;
  // Accepts every request and stores nothing.
  static ConfigAnswer yes(const contrail::Request& request);

  // The memory of the API server does not belong to the controller. For measurements of memory, Pods are therefore
  // created again when necessary, without their later changes. Without such a function the machine stores them.
  using MakePod = std::function<k8s::Pod(std::string_view ns, std::string_view name)>;
  explicit Machine(const Cluster& cluster, Api api = yes, MakePod make_pod = nullptr);

  // A watch event; as in the API server, a Pod keeps its annotation.
  void upsert(k8s::Namespace object) { namespaces_.upsert(std::move(object), namespace_feed_); }
  void upsert(k8s::Service object) { services_.upsert(std::move(object), service_feed_); }
  void upsert(k8s::EndpointSlice object) { slices_.upsert(std::move(object), slice_feed_); }
  void upsert(k8s::Pod object);
  void remove(const k8s::Pod& object);

  // The watch of the Pods was interrupted, and a list shows all except for the first `missed` Pods. The end of the list
  // is one uninterrupted piece of work of the thread.
  void list_pods(std::size_t missed);
  void end_list();

  // All objects of the cluster, as from the first lists.
  void fill();
  // All objects except for the Pods.
  void fill_services();
  // Treats the inventory as read and empty.
  void start();

  // Settles the changes and carries out all requests until nothing is left to do; time passes as far as necessary.
  // Returns the number of requests without annotations.
  std::size_t run();

  Engine& engine() { return engine_; }
  Time now() const { return now_; }
  std::size_t annotations_written() const { return patches_; }
  std::vector<k8s::Pod> all_pods() const;
  std::size_t pods() const { return pods_.size(); }

 private:
  template <class T>
  class Feed final : public k8s::Handler<T> {
   public:
    explicit Feed(Engine& engine) : engine_(engine) {}
    void on_upsert(const T& object) override { engine_.put(object); }
    void on_delete(const T& last_known) override;
    void on_synced() override {}

   private:
    Engine& engine_;
  };

  void serve(const k8s::Pod& pod);
  void perform(const Job& job);
  void annotate(const PodPatch& patch, std::uint64_t job);

  const Cluster cluster_;
  Api api_;
  MakePod make_pod_;
  std::unordered_map<std::string, k8s::Pod> served_;
  Engine engine_;
  Feed<k8s::Namespace> namespace_feed_{engine_};
  Feed<k8s::Service> service_feed_{engine_};
  Feed<k8s::EndpointSlice> slice_feed_{engine_};
  Feed<k8s::Pod> pod_feed_{engine_};
  k8s::Store<k8s::Namespace> namespaces_{k8s::Keep::digests};
  k8s::Store<k8s::Service> services_{k8s::Keep::digests};
  k8s::Store<k8s::EndpointSlice> slices_{k8s::Keep::digests};
  k8s::Store<k8s::Pod> pods_{k8s::Keep::digests, guard_of(engine_.settings())};
  k8s::Store<k8s::Pod>::Listed listed_;
  std::deque<Job> sent_;
  Time now_{1};
  std::uint64_t version_ = 1;
  std::size_t requests_ = 0, patches_ = 0;
};

}  // namespace knm::bench
