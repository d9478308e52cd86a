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

// What the controller holds in memory, in the controller's own composition: a store of each kind that feeds the engine,
// between a cluster that takes every annotation and a config API. No socket and no clock.
class Machine {
 public:
  using Api = std::function<ConfigAnswer(const contrail::Request&)>;
  // Says yes to everything and keeps nothing.
  static ConfigAnswer yes(const contrail::Request& request);

  // What the apiserver holds is none of the controller's memory: where that is measured, Pods are made anew when they
  // are needed, without what they became since. Without such a function the machine remembers them.
  using MakePod = std::function<k8s::Pod(std::string_view ns, std::string_view name)>;
  explicit Machine(const Cluster& cluster, Api api = yes, MakePod make_pod = nullptr);

  // A watch event; a Pod's own annotation is kept as the apiserver would.
  void upsert(k8s::Namespace object) { namespaces_.upsert(std::move(object), namespace_feed_); }
  void upsert(k8s::Service object) { services_.upsert(std::move(object), service_feed_); }
  void upsert(k8s::EndpointSlice object) { slices_.upsert(std::move(object), slice_feed_); }
  void upsert(k8s::Pod object);
  void remove(const k8s::Pod& object);

  // The watch of the Pods was interrupted, and a list shows them, but for the first `missed` of them: its end is what
  // the thread does at a stretch.
  void list_pods(std::size_t missed);
  void end_list();

  // All objects of the cluster, as the first lists bring them.
  void fill();
  // All but the Pods.
  void fill_services();
  // Takes the inventory for read and empty.
  void start();

  // Settles what came in, and carries out whatever is asked until nothing is left to do; time passes as far as needed.
  // How many requests there were, annotations not counted.
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
