#include "k8sclient/client/client.hpp"

#include <utility>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/client/credentials.hpp"
#include "k8sclient/decode/stream.hpp"

namespace k8s {

namespace asio = boost::asio;

struct Client::Impl {
  asio::any_io_executor executor;
  ClientConfig config;
  ClientOptions options;
  std::shared_ptr<net::TlsContext> tls;
  std::shared_ptr<base::Clock> clock;
  Credentials credentials;
  net::Pool pool;
};

base::Result<std::unique_ptr<Client>> Client::create(asio::any_io_executor executor, ClientConfig config,
                                                     ClientOptions options) {
  std::shared_ptr<net::TlsContext> tls;
  if (config.server.tls) {
    auto made = net::make_tls_context(config.tls);
    if (!made) return annotate(made.error(), config.source);
    tls = *made;
  }
  const auto clock = std::make_shared<base::SteadyClock>();
  Credentials credentials(config.token, config.token_file, *clock);
  if (auto first = credentials.authorization(); !first) return annotate(first.error(), config.source);
  net::PoolOptions pool;
  pool.max_connections = options.max_connections;
  if (options.may_write)
    pool.connection.may_send = [may_write = options.may_write](const net::HttpRequest& request) {
      return request.method == "GET" || may_write();
    };
  const auto server = config.server;
  auto impl = std::unique_ptr<Impl>(new Impl{executor, std::move(config), std::move(options), tls, clock,
                                             std::move(credentials), net::Pool(executor, {server}, tls, pool)});
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

asio::awaitable<base::Result<std::string>> Client::get(std::string path,
                                                       std::optional<std::chrono::milliseconds> timeout) {
  auto fields = headers();
  if (!fields) co_return fields.error();
  fields->emplace_back("Accept", "application/json");
  const std::string what = "getting " + path;
  // A variable, since g++ 12 destroys an aggregate inside a co_await twice.
  net::HttpRequest request{"GET", path, std::move(*fields), ""};
  auto response = co_await impl_->pool.exchange(std::move(request), timeout.value_or(impl_->options.request_timeout));
  if (!response) co_return annotate(response.error().error, what);
  if (response->status == 401) refused();
  if (response->status == 200) co_return std::move(response->body);
  const std::string* type = net::find_header(response->headers, "Content-Type");
  co_return error_of(decode_status(response->status, type ? *type : "", response->body), what);
}

namespace {
constexpr const char* plain_json = "application/json";
constexpr const char* merge_patch = "application/merge-patch+json";
constexpr const char* json_patch = "application/json-patch+json";
}  // namespace

asio::awaitable<Client::Answer> Client::write(std::string method, std::string type, std::string path, std::string body,
                                              std::string what, Shows shows,
                                              std::optional<std::chrono::milliseconds> timeout) {
  Answer answer;
  auto fields = headers();
  if (!fields) {
    answer.result = write_result(net::Failure{fields.error(), net::Delivery::not_sent}, what);
    co_return answer;
  }
  fields->emplace_back("Accept", plain_json);
  fields->emplace_back("Content-Type", std::move(type));
  path += "?fieldManager=" + net::percent_encode(impl_->options.user_agent);
  net::HttpRequest request{std::move(method), std::move(path), std::move(*fields), std::move(body)};
  auto response = co_await impl_->pool.exchange(std::move(request), timeout.value_or(impl_->options.request_timeout));
  if (!response) {
    answer.result = write_result(response.error(), what);
    co_return answer;
  }
  if (response->status == 401) refused();
  answer.result = write_result(*response, what, shows);
  answer.body = std::move(response->body);
  co_return answer;
}

asio::awaitable<Client::Written> Client::create_object(std::string collection, std::string object, Shows shows,
                                                       std::optional<std::chrono::milliseconds> timeout) {
  auto what = "creating an object in " + collection;
  auto answer = co_await write("POST", plain_json, std::move(collection), std::move(object), std::move(what),
                               std::move(shows), timeout);
  co_return written(std::move(answer));
}

asio::awaitable<Client::Written> Client::update_object(std::string path, std::string object, Shows shows,
                                                       std::optional<std::chrono::milliseconds> timeout) {
  auto what = "updating " + path;
  auto answer =
      co_await write("PUT", plain_json, std::move(path), std::move(object), std::move(what), std::move(shows), timeout);
  co_return written(std::move(answer));
}

Client::Written Client::written(Answer answer) {
  if (answer.result.outcome != WriteOutcome::done) answer.body.clear();
  return {std::move(answer.result), std::move(answer.body)};
}

asio::awaitable<WriteResult> Client::patch(std::string path, std::string body, std::string what, Shows shows) {
  auto answer =
      co_await write("PATCH", merge_patch, std::move(path), std::move(body), std::move(what), std::move(shows));
  co_return std::move(answer.result);
}

namespace {
// Only the precondition: the answer is the unchanged object.
std::string empty_patch(const std::string& uid) { return "{\"metadata\":{\"uid\":\"" + uid + "\"}}"; }
// The annotation is written through the subresource: permission for it does not extend to the Pod's spec.
std::string pod_path(const ObjectRef& pod) {
  return "/api/v1/namespaces/" + net::percent_encode(pod.ns) + "/pods/" + net::percent_encode(pod.name) + "/status";
}
}  // namespace

asio::awaitable<WriteResult> Client::patch_annotation(ObjectRef pod, std::string key,
                                                      std::optional<std::string> value) {
  auto body = annotation_patch(pod.uid, key, value);
  co_return co_await patch(pod_path(pod), std::move(body), "annotating pod " + pod.ns + "/" + pod.name,
                           shows_annotation(std::move(key), std::move(value)));
}

asio::awaitable<std::string> Client::writer_of_annotation(ObjectRef pod, std::string key) {
  const auto answer = co_await write("PATCH", merge_patch, pod_path(pod), empty_patch(pod.uid),
                                     "reading pod " + pod.ns + "/" + pod.name);
  if (answer.result.outcome != WriteOutcome::done) co_return std::string();
  co_return manager_of(answer.body, {"f:metadata", "f:annotations", "f:" + key}, impl_->options.user_agent);
}

namespace {
std::string status_path(const ObjectRef& service) {
  return "/api/v1/namespaces/" + net::percent_encode(service.ns) + "/services/" + net::percent_encode(service.name) +
         "/status";
}
std::string status_of(const ObjectRef& service) {
  return "writing the status of service " + service.ns + "/" + service.name;
}
}  // namespace

asio::awaitable<WriteResult> Client::patch_load_balancer(ObjectRef service, std::vector<std::string> ips) {
  auto body = load_balancer_patch(service.uid, ips);
  co_return co_await patch(status_path(service), std::move(body), status_of(service),
                           shows_load_balancer(std::move(ips)));
}

asio::awaitable<std::string> Client::writer_of_load_balancer(ObjectRef service) {
  const auto answer = co_await write("PATCH", merge_patch, status_path(service), empty_patch(service.uid),
                                     "reading service " + service.ns + "/" + service.name);
  if (answer.result.outcome != WriteOutcome::done) co_return std::string();
  co_return manager_of(answer.body, {"f:status", "f:loadBalancer", "f:ingress"}, impl_->options.user_agent);
}

asio::awaitable<WriteResult> Client::remove_from_load_balancer(ObjectRef service, std::vector<std::string> shown,
                                                               std::vector<std::string> ips) {
  auto answer =
      co_await write("PATCH", json_patch, status_path(service), load_balancer_removal(service.uid, shown, ips),
                     status_of(service), shows_no_load_balancer(ips));
  co_return std::move(answer.result);
}

namespace {
std::string events_path(std::string_view ns) {
  return "/apis/events.k8s.io/v1/namespaces/" + net::percent_encode(ns) + "/events";
}
std::string event_path(const Event& event) {
  return events_path(event_namespace(event.regarding)) + "/" + net::percent_encode(event.name);
}
std::string named(const Event& event) {
  return "event " + std::string(event_namespace(event.regarding)) + "/" + event.name;
}
}  // namespace

asio::awaitable<WriteResult> Client::create_event(Event event) {
  auto answer = co_await write("POST", plain_json, events_path(event_namespace(event.regarding)), event_body(event),
                               "writing " + named(event));
  co_return std::move(answer.result);
}

asio::awaitable<WriteResult> Client::patch_event_series(Event event, EventSeries series) {
  co_return co_await patch(event_path(event), series_patch(series), "counting on " + named(event));
}

asio::awaitable<EventCount> Client::count_of_event(Event event) {
  const auto what = "reading the count of " + named(event);
  auto answer = co_await write("PATCH", merge_patch, event_path(event), "{}", what);
  EventCount out{std::move(answer.result), 0};
  if (out.result.outcome == WriteOutcome::done) out.count = event_count(answer.body);
  co_return out;
}

std::unique_ptr<net::Connection> Client::connection() const {
  return std::make_unique<net::Connection>(impl_->executor, impl_->config.server, impl_->tls);
}

base::Result<net::Headers> Client::headers() const {
  auto authorization = impl_->credentials.authorization();
  if (!authorization) return authorization.error();
  net::Headers fields{{"User-Agent", impl_->options.user_agent}};
  if (!authorization->empty()) fields.emplace_back("Authorization", std::move(*authorization));
  return fields;
}

void Client::refused() const { impl_->credentials.refused(); }
asio::any_io_executor Client::executor() const { return impl_->executor; }
const ClientOptions& Client::options() const { return impl_->options; }
const ClientConfig& Client::config() const { return impl_->config; }

}  // namespace k8s
