#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/engine/inventory.hpp"
#include "tests/config-api/config_api.hpp"
#include "tests/support/builders.hpp"

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

  // --- The cluster: what the apiserver has; the engine, if it runs, sees each change at once.
  void apply(const k8s::Namespace& object);
  void apply(const k8s::Pod& object);
  void apply(const k8s::Service& object);
  void apply(const k8s::EndpointSlice& object);
  void remove_namespace(const std::string& name);  // with everything in it
  void remove_pod(const std::string& key);
  void remove_service(const std::string& key);
  void remove_slice(const std::string& key);
  const std::map<std::string, k8s::Pod>& pods() const { return pods_; }

  // --- The controller
  void start(std::uint64_t seed = 1);  // a new one, with what the cluster and the config API have now
  void crash() { engine_.reset(); }
  void restart(std::uint64_t seed = 2) { crash(), start(seed); }
  void audit();
  Engine& engine() { return *engine_; }

  // Runs until nothing is left to do; false where it is not done after `limit` requests. Time passes as far as timers
  // need it.
  bool converge(std::size_t limit = 200000);
  // One request and its answer; false where there is none to send.
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

  const std::vector<Exchange>& log() const { return log_; }
  void clear_log() { log_.clear(), patches_ = 0; }
  std::size_t writes() const;
  std::size_t reads() const { return log_.size() - writes(); }
  std::size_t patches() const { return patches_; }
  std::vector<std::string> write_list() const;  // "POST /virtual-networks redis-master", for messages

 private:
  ConfigAnswer call(const contrail::Request& request);
  void perform(const Job& job);
  void read_inventory();

  Settings settings_;
  standin::ConfigApi api_;
  std::map<std::string, k8s::Namespace> namespaces_;
  std::map<std::string, k8s::Pod> pods_;
  std::map<std::string, k8s::Service> services_;
  std::map<std::string, k8s::EndpointSlice> slices_;
  std::unique_ptr<Engine> engine_;
  Time now_{1};
  std::uint64_t version_ = 1;
  std::vector<Exchange> log_;
  std::size_t patches_ = 0;
  Fault fault_;
};

}  // namespace knm::test
