#pragma once

#include <chrono>
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

class Credentials;

struct ClientOptions {
  std::string user_agent = "k8sclient";  // also the field manager of the client's writes
  std::size_t max_connections = 8;       // for single requests; each reflector has its own connection
  std::chrono::milliseconds request_timeout{15'000};
  base::Log log{};
  // Asked immediately before each request other than a GET is sent; false: it is not sent. Empty: all are sent. For a
  // program that only a leader may write (see Elector).
  std::function<bool()> may_write{};
};

// A client of one API server: single requests over a keep-alive pool, and connections for reflectors. Never retries a
// write. All on one io_context that one thread runs; must outlive the coroutines and reflectors that use it.
class Client {
 public:
  // Reads certificates and keys; does not connect. Errors: net::errc::bad_tls_settings, errc::bad_credentials.
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

  // For reflectors: a separate connection, and the fields that every request must contain.
  std::unique_ptr<net::Connection> connection() const;
  base::Result<net::Headers> headers() const;
  void refused() const;  // the server answered 401: the token must be read again
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
  boost::asio::awaitable<Answer> write(std::string method, std::string type, std::string path, std::string body,
                                       std::string what, Shows shows = {},
                                       std::optional<std::chrono::milliseconds> timeout = {});
  static Written written(Answer answer);
  boost::asio::awaitable<WriteResult> patch(std::string path, std::string body, std::string what, Shows shows = {});

  std::unique_ptr<Impl> impl_;
};

}  // namespace k8s
