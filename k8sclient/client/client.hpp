#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "k8sclient/api/event.hpp"
#include "k8sclient/client/write.hpp"
#include "k8sclient/config/client_config.hpp"
#include "net/connection.hpp"
#include "net/pool.hpp"

namespace k8s {

struct ClientOptions {
  std::string user_agent = "k8sclient";  // also the field manager of the client's writes
  std::size_t max_connections = 8;       // for single requests; each reflector has its own connection
  std::chrono::milliseconds request_timeout{15'000};
  std::chrono::milliseconds plugin_timeout{30'000};  // of a credential plugin; requests wait for it before their time
  base::Log log{};
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();  // for the age of files
  // Asked immediately before each request other than a GET is sent; false: it is not sent. Empty: all are sent. For a
  // program that only a leader may write (see Elector).
  std::function<bool()> may_write{};
};

// A client of one API server: single requests over a keep-alive pool, and connections for reflectors. Never retries a
// write. All on one io_context that one thread runs; must outlive the coroutines and reflectors that use it.
class Client {
 public:
  // Reads certificates and keys; neither connects nor runs a credential plugin. Errors: net::errc::bad_tls_settings,
  // errc::bad_credentials.
  static base::Result<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor, ClientConfig config,
                                                      ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Returns the text of one object, as JSON; `path` as in "/api/v1/namespaces/a/pods/b". Here and below, `timeout`
  // replaces ClientOptions::request_timeout.
  boost::asio::awaitable<base::Result<std::string>> get(std::string path,
                                                        std::optional<std::chrono::milliseconds> timeout = {});

  // An object as the server has it after a write, as JSON; empty unless the write is done.
  struct Written {
    WriteResult result;
    std::string object;
  };
  // Creates an object, given as JSON, in the collection at this path ("/api/v1/namespaces/a/pods"). conflict: an object
  // of that name exists.
  boost::asio::awaitable<Written> create_object(std::string collection, std::string object, Shows shows = {},
                                                std::optional<std::chrono::milliseconds> timeout = {});
  // Replaces the object at this path. conflict: its version is not metadata.resourceVersion of the given one.
  boost::asio::awaitable<Written> update_object(std::string path, std::string object, Shows shows = {},
                                                std::optional<std::chrono::milliseconds> timeout = {});

  // Sets (or with nullopt removes) one annotation of a Pod and leaves all other fields unchanged. Uses the subresource
  // `status`, where the API server accepts metadata but no spec: the permission for it is enough, and cannot change an
  // image.
  boost::asio::awaitable<WriteResult> patch_annotation(ObjectRef pod, std::string key,
                                                       std::optional<std::string> value);

  // Replaces a Service's status.loadBalancer.ingress by `ips`.
  boost::asio::awaitable<WriteResult> patch_load_balancer(ObjectRef service, std::vector<std::string> ips);
  // Removes the entries with these IPs from it; `shown` are all entries (see Service::ingress). If the entries have
  // changed since, nothing is written, and the outcome is `invalid`.
  boost::asio::awaitable<WriteResult> remove_from_load_balancer(ObjectRef service, std::vector<std::string> shown,
                                                                std::vector<std::string> ips);

  // The last other writer of a Pod's annotation, or of a Service's status.loadBalancer: the name of a field manager;
  // empty: none, or unknown. Found by a patch that changes nothing.
  boost::asio::awaitable<std::string> writer_of_annotation(ObjectRef pod, std::string key);
  boost::asio::awaitable<std::string> writer_of_load_balancer(ObjectRef service);

  // Writes an Event; conflict: its name exists already.
  boost::asio::awaitable<WriteResult> create_event(Event event);
  // Counts up the series of the Event of this name, which also keeps it from expiring.
  boost::asio::awaitable<WriteResult> patch_event_series(Event event, EventSeries series);
  // The number of observations of the Event of this name. Found by a patch that changes nothing, so that the permission
  // to patch Events is enough.
  boost::asio::awaitable<EventCount> count_of_event(Event event);

  // Writes to an object of any kind. `path` as object_path() makes it: that of the object, or of its subresource
  // "status". With `shows`, the whole object is asked for and examined; otherwise only its metadata. Source:
  // https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
  //
  // Server-side apply: `body` is the object as JSON or YAML, with all fields that the field manager owns and no others;
  // creates the object if there is none. conflict: fields belong to other managers, and `on_conflict` is `refuse`; the
  // error names them. An empty field manager is ClientOptions::user_agent. Source:
  // https://kubernetes.io/docs/reference/using-api/server-side-apply/
  enum class OnConflict : std::uint8_t { refuse, take_over };
  boost::asio::awaitable<WriteResult> apply(std::string path, std::string body,
                                            OnConflict on_conflict = OnConflict::refuse, std::string field_manager = "",
                                            Shows shows = {});
  // RFC 7386. With metadata.uid in the patch, another object of the same name is not changed (gone); with
  // metadata.resourceVersion, no other version (conflict).
  boost::asio::awaitable<WriteResult> merge_patch(std::string path, std::string body, Shows shows = {});
  // RFC 6902. If one of its tests fails, nothing is written, and the outcome is `invalid`.
  boost::asio::awaitable<WriteResult> json_patch(std::string path, std::string body, Shows shows = {});
  // Deletes an object. Only that of this UID and version, if they are not "" and 0: conflict, if it has another. After
  // `done` the object may still be there: until its finalizers are removed, or for its grace period.
  boost::asio::awaitable<WriteResult> remove(std::string path, std::string uid = "",
                                             std::uint64_t resource_version = 0);

  // For reflectors, a separate connection. Before each request over it:
  // 1. headers() brings token and certificates up to date, and returns the fields that every request must contain;
  // 2. renew() lets the connection use these certificates.
  // Afterwards, refused() or failed() makes the client look for a new token and new certificates.
  std::unique_ptr<net::Connection> connection() const;
  boost::asio::awaitable<base::Result<net::Headers>> headers() const;
  void renew(net::Connection& connection) const;
  void refused() const;                         // the server answered 401
  void failed(const base::Error& error) const;  // the request failed before there was an answer
  boost::asio::any_io_executor executor() const;
  const ClientOptions& options() const;
  const ClientConfig& config() const;

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  struct Answer {
    WriteResult result;
    std::string body;  // empty: there is no answer
  };
  // The type of the body, and the types that the answer may have.
  struct Media {
    Media(const char* sent, const char* accepted = "application/json") : content_type(sent), accept(accepted) {}
    const char* content_type;
    const char* accept;
  };
  // Sends a request with the fields that every request must contain.
  boost::asio::awaitable<net::Outcome<net::HttpResponse>> send(net::HttpRequest request,
                                                               std::optional<std::chrono::milliseconds> timeout = {});
  // Adds the client's field manager, unless the path has a query already.
  boost::asio::awaitable<Answer> write(std::string method, Media media, std::string path, std::string body,
                                       std::string what, Shows shows = {},
                                       std::optional<std::chrono::milliseconds> timeout = {});
  static Written written(Answer answer);
  boost::asio::awaitable<WriteResult> patch(Media media, std::string path, std::string body, std::string what,
                                            Shows shows = {});

  std::unique_ptr<Impl> impl_;
};

}  // namespace k8s
