#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/engine/feed.hpp"
#include "controller/engine/inventory.hpp"
#include "tests/config-api/config_api.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/config_stream.hpp"

// A complete system in memory: a cluster, a config API and the engine between them, without sockets and with its own
// clock.
namespace knm::test {

// The settings of the guestbook demo: a public range, and the DNS tier of the cluster for all Namespaces.
Settings demo_settings();

struct Exchange {
  contrail::Request request;
  int status = 0;  // 0: no answer
  bool is_write() const;
};

class World {
 public:
  explicit World(Settings settings = demo_settings());

  // --- The cluster: the state of the API server. A running engine gets each change at once, except after disorder().
  void apply(const k8s::Namespace& object);
  void apply(const k8s::Pod& object);
  void apply(const k8s::Service& object);
  void apply(const k8s::EndpointSlice& object);
  void remove_namespace(const std::string& name);  // with all its objects
  void remove_pod(const std::string& key);
  void remove_service(const std::string& key);
  void remove_slice(const std::string& key);
  // Restores etcd from a backup, after which it has reached the former resourceVersion again: all watches list anew.
  void restore(Cluster backup);
  // The controller cannot read this object until can_read().
  void cannot_read(const Subject& subject, const std::string& uid);
  void can_read(const Subject& subject);
  // The API server refuses the watch of a kind as too old, so the controller lists all objects of the kind.
  void relist(Watched kind);
  // A change that no watch shows.
  void unseen(const std::function<void(Cluster&)>& change) { change(cluster_); }
  // The next lists of a kind hide these objects, or all.
  using Hidden = std::function<bool(const std::string& key)>;
  void lie(Watched kind, std::size_t times = 1, Hidden hides = {});
  const Cluster& cluster() const { return cluster_; }
  const std::map<std::string, k8s::Pod>& pods() const { return cluster_.pods; }

  // --- The controller
  void start(std::uint64_t seed = 1);  // a new controller with the current state of the cluster and the config API
  void configure(Settings settings) { settings_ = std::move(settings); }  // from the next start on
  void crash();
  void restart(std::uint64_t seed = 2) { crash(), start(seed); }
  bool audit();  // false if a list failed and the audit was aborted
  Engine& engine() { return *engine_; }
  bool runs() const { return engine_ != nullptr; }

  // Whether the engine settles after each change at once; otherwise the next answer or poll comes first.
  void settle_at_once(bool does) { settles_at_once_ = does; }

  // From now on the order is random: the four watches deliver independently, requests run in parallel, are carried out
  // and answered in any order, and time passes in between. The seed determines all of it.
  void disorder(std::uint64_t seed) { random_.emplace(seed); }

  // Runs until nothing is left to do; returns false after `limit` steps. Time passes as far as timers require it.
  bool converge(std::size_t limit = 200000);
  // One step: a request and its answer, or with disorder() a part of it; false if nothing is possible.
  bool step();
  void pass(Time time) { now_ += time; }
  Time now() const { return now_; }

  // --- The config API
  standin::ConfigApi& api() { return api_; }
  // A fault may replace an answer of the API, before or after the request is carried out.
  using Fault = std::function<std::optional<ConfigAnswer>(const contrail::Request&,
                                                          const std::function<ConfigAnswer()>& carry_out)>;
  void set_fault(Fault fault) { fault_ = std::move(fault); }
  // A request that the client gave up reaches the server some steps later.
  void carry_out_late(contrail::Request request) { late_.push_back(std::move(request)); }
  // Replaces the answers of the API server to patches of Pods.
  void set_patch_fault(std::function<std::optional<PatchAnswer>()> fault) { patch_fault_ = std::move(fault); }

  // The config API sends notifications from the next start on; with disorder() at any time, else after each answer.
  void notify(const BusFaults& faults = {}, std::uint64_t seed = 1);
  // The stream is cut, and begins anew with its lists.
  void cut_stream();
  ConfigStream& stream() { return *stream_; }
  // Another client was answered (OtherClient::Answered).
  void hear(const standin::Response& response);
  // Delivers what is left to notify of.
  void deliver_all();

  const std::vector<Exchange>& log() const { return log_; }
  void clear_log() { log_.clear(), patches_ = 0; }
  std::size_t writes() const;
  std::size_t reads() const { return log_.size() - writes(); }
  std::size_t patches() const { return patches_; }
  std::vector<std::string> write_list() const;  // "200 POST /virtual-networks {…", for messages
  const std::vector<Report>& reports() const { return reports_; }
  // The errors of the objects that the last inventory could not read.
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  std::size_t reported(Report::Kind kind) const;

 private:
  struct Flight {
    Job job;
    std::optional<ConfigAnswer> answer;  // after it was carried out
    std::optional<PatchAnswer> patch_answer;
    bool is_done() const { return answer || patch_answer; }
  };
  ConfigAnswer call(const contrail::Request& request);
  PatchAnswer patch(const PodPatch& patch);
  PatchAnswer patch(const StatusPatch& patch);
  void carry_out(Flight& flight);
  void give_answer(const Flight& flight);
  bool read_inventory();
  void begin_stream();
  void event(contrail::watch::Event&& event);
  standin::Response handle(const contrail::Request& request);
  void watch(Watched kind, std::function<void()> event);
  template <class Object>
  void list(const std::map<std::string, Object>& objects);
  bool list_again();
  bool orderly_step();
  bool disorderly_step();
  std::size_t dice(std::size_t sides) { return static_cast<std::size_t>((*random_)() % sides); }

  // The state of the controller about the cluster, as in the product.
  template <class Object>
  struct Watcher {
    Feed<Object> feed;
    k8s::Store<Object> store;
    Watcher(Engine& engine, const k8s::DeletionGuard& guard) : feed(engine), store(k8s::Keep::digests, guard) {}
  };
  template <class Object>
  Watcher<Object>& watcher() {
    return std::get<Watcher<Object>>(*watchers_);
  }
  template <class Object>
  void put(const Object& object);
  template <class Object>
  void drop(const std::string& key);
  using Watchers =
      std::tuple<Watcher<k8s::Namespace>, Watcher<k8s::Pod>, Watcher<k8s::Service>, Watcher<k8s::EndpointSlice>>;
  struct Lie {
    std::size_t times = 0;
    Hidden hides;
  };

  Settings settings_;
  standin::ConfigApi api_;
  Cluster cluster_;
  std::map<Subject, std::string> unread_;  // with the UID
  std::unique_ptr<Engine> engine_;
  std::optional<Watchers> watchers_;
  std::array<Lie, watched_count> lies_;
  std::array<bool, watched_count> doubted_{};  // the last list was doubted, and another one follows
  bool settles_at_once_ = true;
  Time now_{1};
  std::uint64_t version_ = 1;
  std::vector<Exchange> log_;
  std::vector<Report> reports_;
  std::vector<std::string> unreadable_;
  std::size_t patches_ = 0;
  Fault fault_;
  std::function<std::optional<PatchAnswer>()> patch_fault_;

  std::optional<BusFaults> bus_;  // with notify()
  std::mt19937_64 bus_random_;
  std::optional<Inventory> stream_inventory_;
  std::optional<ConfigStream> stream_;

  std::optional<std::mt19937_64> random_;  // with disorder()
  std::array<std::deque<std::function<void()>>, watched_count> events_;
  std::vector<Flight> flights_;
  std::deque<contrail::Request> late_;
};

}  // namespace knm::test
