#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "contrail-client/rest/client.hpp"
#include "controller/engine/feed.hpp"
#include "controller/run/dispatcher.hpp"
#include "controller/run/event_writer.hpp"
#include "controller/run/leadership.hpp"
#include "controller/run/observer.hpp"
#include "controller/run/pod_state_policy.hpp"
#include "controller/run/unread_log.hpp"
#include "controller/run/watch_health.hpp"
#include "controller/serve/health.hpp"
#include "controller/serve/http_server.hpp"
#include "controller/serve/renderer.hpp"
#include "k8sclient/cache/reflector.hpp"

namespace knm {

// The whole program behind `run`, connected:
//
//   Reflector<Pod, Service, Namespace, EndpointSlice> ─→ Engine ⇄ Dispatcher ─→ contrail::Client (config API)
//                                                          │         └────→ k8s::Client (pod-state annotations)
//                                                          ├─→ Observer ─→ log, Metrics ─→ Renderer ─→ HttpServer
//                                                          └─→ EventWriter ─→ k8s::Client (Events)
//
// With a leader election it is a standby first: it watches Kubernetes, and neither reads nor writes the config API.
// When it is elected, it starts like a controller without an election: it reads the config API, then writes. The
// clients must refuse writes while this instance is not the leader (ClientOptions of both), since only they ask at the
// moment of sending.
//
// One io_context, one thread. Life cycle: construct, run() until stop(), which cancels and joins everything.
class Controller {
 public:
  // `kubernetes`, `config`, `elector` and `executor` must outlive it. `config_name`: the config API's URL, for
  // messages. `elector`: null: there is no leader election.
  Controller(boost::asio::any_io_executor executor, const Settings& settings, k8s::Client& kubernetes,
             contrail::Api& config, std::string config_name, k8s::Elector* elector = nullptr);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // The maximum connections of its two servers.
  struct Connections {
    std::size_t http = 128;
    std::size_t state = 32;
  };
  // Opens the ports for probes and metrics, and for the state. Error: a port cannot be opened.
  base::Result<void> listen(ListenAddress http, ListenAddress state, Connections connections);
  boost::asio::awaitable<void> run();
  void stop();
  // Why it stopped by itself: the configuration does not fit the observed objects; nullopt: it did not.
  const std::optional<std::string>& refusal() const { return engine_.refusal(); }
  // Whether the reason was another cluster of the same name.
  bool has_duplicate_cluster() const { return engine_.has_duplicate_cluster(); }
  // Whether it stopped because another instance is, or may be, the leader.
  bool lost_leadership() const { return leadership_.is_lost(); }

  const ListenAddress& http_address() const { return http_server_->address(); }
  const ListenAddress& state_address() const { return state_server_->address(); }

 private:
  template <class T>
  std::unique_ptr<Feed<T>> make_feed();
  void list_what_is_awaited();
  boost::asio::awaitable<void> remind();
  boost::asio::awaitable<void> reconcile();
  boost::asio::awaitable<void> wait_for_cluster();
  boost::asio::awaitable<void> watch_the_watches();
  std::vector<k8s::WatchLife> lives() const;
  void add_routes(Routes& routes);
  RenderJob state(bool full) const;
  std::unique_ptr<Rendering> begin_state(bool full) const;
  Routes state_routes() const;
  std::string unsynced() const;
  void report(const Report& report);
  void set_counters();

  boost::asio::any_io_executor executor_;
  contrail::Api& config_;
  std::string config_name_;
  Metrics metrics_;
  Observer observer_;
  Engine engine_;
  base::TaskGroup tasks_;
  Dispatcher dispatcher_;
  EventWriter events_;
  PodStatePolicy policy_;
  Leadership leadership_;
  boost::asio::steady_timer changed_;  // never fires; cancelled when a first list is complete

  UnreadLog unread_;
  WatchHealth watch_health_;

  std::unique_ptr<Feed<k8s::Pod>> pod_feed_;
  std::unique_ptr<Feed<k8s::Service>> service_feed_;
  std::unique_ptr<Feed<k8s::Namespace>> namespace_feed_;
  std::unique_ptr<Feed<k8s::EndpointSlice>> slice_feed_;
  std::unique_ptr<k8s::Reflector<k8s::Pod>> pods_;
  std::unique_ptr<k8s::Reflector<k8s::Service>> services_;
  std::unique_ptr<k8s::Reflector<k8s::Namespace>> namespaces_;
  std::unique_ptr<k8s::Reflector<k8s::EndpointSlice>> slices_;

  Health health_;
  std::uint64_t changes_ = 0;  // incremented with every change that the engine gets
  std::shared_ptr<Renderer> renderer_;
  std::unique_ptr<HttpServer> http_server_, state_server_;
};

}  // namespace knm
