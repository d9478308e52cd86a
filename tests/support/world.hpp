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

// A whole world in memory: a cluster, a config API, and the engine between them; no socket and no clock but its own.
namespace knm::test {

// Settings as the guestbook demo has them: a public range, and the cluster's DNS tier for everybody.
Settings demo_settings();

struct Exchange {
  contrail::Request request;
  int status = 0;  // 0: no answer was given
  bool is_write() const;
};

class World {
 public:
  explicit World(Settings settings = demo_settings());

  // --- The cluster: what the apiserver has; the engine, if it runs, sees each change at once (but see disorder()).
  void apply(const k8s::Namespace& object);
  void apply(const k8s::Pod& object);
  void apply(const k8s::Service& object);
  void apply(const k8s::EndpointSlice& object);
  void remove_namespace(const std::string& name);  // with everything in it
  void remove_pod(const std::string& key);
  void remove_service(const std::string& key);
  void remove_slice(const std::string& key);
  // Its etcd is restored from a backup, and has come as far again since: the watches list anew.
  void restore(Cluster backup);
  // What the cluster has of these is there, and cannot be read by the controller, until it can.
  void cannot_read(const Subject& subject, const std::string& uid);
  void can_read(const Subject& subject);
  // The watch of a kind is refused as too old, so that all of them are listed.
  void relist(Watched kind);
  // Something happens that no watch shows.
  void unseen(const std::function<void(Cluster&)>& change) { change(cluster_); }
  // The next lists of a kind hide these of its objects, or all.
  using Hidden = std::function<bool(const std::string& key)>;
  void lie(Watched kind, std::size_t times = 1, Hidden hides = {});
  const Cluster& cluster() const { return cluster_; }
  const std::map<std::string, k8s::Pod>& pods() const { return cluster_.pods; }

  // --- The controller
  void start(std::uint64_t seed = 1);  // a new one, with what the cluster and the config API have now
  void configure(Settings settings) { settings_ = std::move(settings); }  // from the next start on
  void crash();
  void restart(std::uint64_t seed = 2) { crash(), start(seed); }
  bool audit();  // false where a list failed, so that the audit was given up
  Engine& engine() { return *engine_; }
  bool runs() const { return engine_ != nullptr; }

  // Whether the engine settles each change at once; if not, the next answer or poll comes before that.
  void settle_at_once(bool does) { settles_at_once_ = does; }

  // From here on nothing happens in an order that one could rely on: the four watches deliver each on its own,
  // requests are under way side by side, are carried out in any order and answered in any order, and time passes in
  // between. All of it follows from the seed.
  void disorder(std::uint64_t seed) { random_.emplace(seed); }

  // Runs until nothing is left to do; false where it is not done after `limit` steps. Time passes as far as timers
  // need it.
  bool converge(std::size_t limit = 200000);
  // One thing that happens: a request and its answer, or with disorder a part of it; false where nothing can.
  bool step();
  void pass(Time time) { now_ += time; }
  Time now() const { return now_; }

  // --- The config API
  standin::ConfigApi& api() { return api_; }
  // Stands between the engine and the API, where a test wants it: may answer in its place, before or after it was
  // carried out.
  using Fault = std::function<std::optional<ConfigAnswer>(const contrail::Request&,
                                                          const std::function<ConfigAnswer()>& carry_out)>;
  void set_fault(Fault fault) { fault_ = std::move(fault); }
  // A request that was given up and reaches the server after all, some steps later.
  void carry_out_late(contrail::Request request) { late_.push_back(std::move(request)); }
  // Answers patches of Pods in the apiserver's place.
  void set_patch_fault(std::function<std::optional<PatchAnswer>()> fault) { patch_fault_ = std::move(fault); }

  const std::vector<Exchange>& log() const { return log_; }
  void clear_log() { log_.clear(), patches_ = 0; }
  std::size_t writes() const;
  std::size_t reads() const { return log_.size() - writes(); }
  std::size_t patches() const { return patches_; }
  std::vector<std::string> write_list() const;  // "200 POST /virtual-networks {…", for messages
  const std::vector<Report>& reports() const { return reports_; }
  // What was wrong with the objects that the last inventory could not read.
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  std::size_t reported(Report::Kind kind) const;

 private:
  struct Flight {
    Job job;
    std::optional<ConfigAnswer> answer;  // once it is carried out
    std::optional<PatchAnswer> patch_answer;
    bool is_done() const { return answer || patch_answer; }
  };
  ConfigAnswer call(const contrail::Request& request);
  PatchAnswer patch(const PodPatch& patch);
  PatchAnswer patch(const StatusPatch& patch);
  void carry_out(Flight& flight);
  void give_answer(const Flight& flight);
  bool read_inventory();
  void watch(Watched kind, std::function<void()> event);
  template <class Object>
  void list(const std::map<std::string, Object>& objects);
  bool list_again();
  bool orderly_step();
  bool disorderly_step();
  std::size_t dice(std::size_t sides) { return static_cast<std::size_t>((*random_)() % sides); }

  // What the controller keeps of the cluster, as in the product.
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
  std::map<Subject, std::string> unread_;  // and the UID
  std::unique_ptr<Engine> engine_;
  std::optional<Watchers> watchers_;
  std::array<Lie, watched_count> lies_;
  std::array<bool, watched_count> doubted_{};  // the last list was, and another one is to come
  bool settles_at_once_ = true;
  Time now_{1};
  std::uint64_t version_ = 1;
  std::vector<Exchange> log_;
  std::vector<Report> reports_;
  std::vector<std::string> unreadable_;
  std::size_t patches_ = 0;
  Fault fault_;
  std::function<std::optional<PatchAnswer>()> patch_fault_;

  std::optional<std::mt19937_64> random_;  // with disorder
  std::array<std::deque<std::function<void()>>, watched_count> events_;
  std::vector<Flight> flights_;
  std::deque<contrail::Request> late_;
};

}  // namespace knm::test
