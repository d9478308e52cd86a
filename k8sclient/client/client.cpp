#include "k8sclient/client/client.hpp"

#include <utility>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/client/access.hpp"
#include "k8sclient/decode/stream.hpp"

namespace k8s {

namespace asio = boost::asio;

struct Client::Impl {
  asio::any_io_executor executor;
  ClientConfig config;
  ClientOptions options;
  std::unique_ptr<Access> access;
  net::Pool pool;
};

base::Result<std::unique_ptr<Client>> Client::create(asio::any_io_executor executor, ClientConfig config,
                                                     ClientOptions options) {
  auto access = Access::create(executor, config, {options.plugin_timeout, options.log, options.clock});
  if (!access) return annotate(access.error(), config.source);
  net::PoolOptions pool;
  pool.max_connections = options.max_connections;
  pool.connection.proxy = config.proxy;
  if (options.may_write)
    pool.connection.may_send = [may_write = options.may_write](const net::HttpRequest& request) {
      return request.method == "GET" || may_write();
    };
  const auto server = config.server;
  const auto tls = (*access)->tls();
  auto impl = std::unique_ptr<Impl>(new Impl{executor, std::move(config), std::move(options), std::move(*access),
                                             net::Pool(executor, {server}, tls, pool)});
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

asio::awaitable<net::Outcome<net::HttpResponse>> Client::send(net::HttpRequest request,
                                                              std::optional<std::chrono::milliseconds> timeout) {
  auto fields = co_await headers();
  if (!fields) co_return net::Failure{fields.error(), net::Delivery::not_sent};
  request.headers.insert(request.headers.begin(), fields->begin(), fields->end());
  auto response = co_await impl_->pool.exchange(std::move(request), timeout.value_or(impl_->options.request_timeout));
  if (!response)
    failed(response.error().error);
  else if (response->status == 401)
    refused();
  co_return response;
}

asio::awaitable<base::Result<std::string>> Client::get(std::string path,
                                                       std::optional<std::chrono::milliseconds> timeout) {
  const std::string what = "getting " + path;
  // A variable, since g++ 12 destroys an aggregate inside a co_await twice.
  net::HttpRequest request{"GET", path, {{"Accept", "application/json"}}, ""};
  auto response = co_await send(std::move(request), timeout);
  if (!response) co_return annotate(response.error().error, what);
  if (response->status == 200) co_return std::move(response->body);
  const std::string* type = net::find_header(response->headers, "Content-Type");
  co_return error_of(decode_status(response->status, type ? *type : "", response->body), what);
}

namespace {
constexpr const char* plain_json = "application/json";
constexpr const char* merge_patch_type = "application/merge-patch+json";
constexpr const char* json_patch_type = "application/json-patch+json";
constexpr const char* apply_type = "application/apply-patch+yaml";
// Only the metadata of the object, in protobuf or in JSON; a server that does not know this answers with the object.
// The answer to a write is mostly read for one number, and a Pod as a JSON document costs far more than the write.
// Sources: https://kubernetes.io/docs/reference/using-api/api-concepts/ and
// https://github.com/kubernetes/client-go/blob/v0.36.3/metadata/metadata.go
constexpr const char* json_metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
constexpr const char* any_metadata =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
}  // namespace

asio::awaitable<Client::Answer> Client::write(std::string method, Media media, std::string path, std::string body,
                                              std::string what, Shows shows,
                                              std::optional<std::chrono::milliseconds> timeout) {
  if (path.find('?') == std::string::npos) path += "?fieldManager=" + net::percent_encode(impl_->options.user_agent);
  net::HttpRequest request{std::move(method),
                           std::move(path),
                           {{"Accept", media.accept}, {"Content-Type", media.content_type}},
                           std::move(body)};
  auto response = co_await send(std::move(request), timeout);
  Answer answer;
  answer.result = response ? write_result(*response, what, shows) : write_result(response.error(), what);
  if (response) answer.body = std::move(response->body);
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

asio::awaitable<WriteResult> Client::patch(Media media, std::string path, std::string body, std::string what,
                                           Shows shows) {
  auto answer = co_await write("PATCH", media, std::move(path), std::move(body), std::move(what), std::move(shows));
  co_return std::move(answer.result);
}

namespace {
// Only the precondition: the answer is the unchanged object.
std::string empty_patch(const std::string& uid) { return "{\"metadata\":{\"uid\":\"" + uid + "\"}}"; }
// The annotation is written through the subresource: permission for it does not extend to the Pod's spec.
std::string pod_path(const ObjectRef& pod) { return object_path(resource_name<Pod>, pod.ns, pod.name, "status"); }
}  // namespace

asio::awaitable<WriteResult> Client::patch_annotation(ObjectRef pod, std::string key,
                                                      std::optional<std::string> value) {
  auto body = annotation_patch(pod.uid, key, value);
  co_return co_await patch({merge_patch_type, any_metadata}, pod_path(pod), std::move(body),
                           "annotating pod " + pod.ns + "/" + pod.name,
                           shows_annotation(std::move(key), std::move(value)));
}

asio::awaitable<std::string> Client::writer_of_annotation(ObjectRef pod, std::string key) {
  const auto answer = co_await write("PATCH", {merge_patch_type, json_metadata}, pod_path(pod), empty_patch(pod.uid),
                                     "reading pod " + pod.ns + "/" + pod.name);
  if (answer.result.outcome != WriteOutcome::done) co_return std::string();
  co_return manager_of(answer.body, {"f:metadata", "f:annotations", "f:" + key}, impl_->options.user_agent);
}

namespace {
std::string status_path(const ObjectRef& service) {
  return object_path(resource_name<Service>, service.ns, service.name, "status");
}
std::string status_of(const ObjectRef& service) {
  return "writing the status of service " + service.ns + "/" + service.name;
}
}  // namespace

asio::awaitable<WriteResult> Client::patch_load_balancer(ObjectRef service, std::vector<std::string> ips) {
  auto body = load_balancer_patch(service.uid, ips);
  co_return co_await patch(merge_patch_type, status_path(service), std::move(body), status_of(service),
                           shows_load_balancer(std::move(ips)));
}

asio::awaitable<std::string> Client::writer_of_load_balancer(ObjectRef service) {
  const auto answer = co_await write("PATCH", {merge_patch_type, json_metadata}, status_path(service),
                                     empty_patch(service.uid), "reading service " + service.ns + "/" + service.name);
  if (answer.result.outcome != WriteOutcome::done) co_return std::string();
  co_return manager_of(answer.body, {"f:status", "f:loadBalancer", "f:ingress"}, impl_->options.user_agent);
}

asio::awaitable<WriteResult> Client::remove_from_load_balancer(ObjectRef service, std::vector<std::string> shown,
                                                               std::vector<std::string> ips) {
  co_return co_await patch(json_patch_type, status_path(service), load_balancer_removal(service.uid, shown, ips),
                           status_of(service), shows_no_load_balancer(ips));
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
  auto answer = co_await write("POST", {plain_json, any_metadata}, events_path(event_namespace(event.regarding)),
                               event_body(event), "writing " + named(event));
  co_return std::move(answer.result);
}

asio::awaitable<WriteResult> Client::patch_event_series(Event event, EventSeries series) {
  co_return co_await patch({merge_patch_type, any_metadata}, event_path(event), series_patch(series),
                           "counting on " + named(event));
}

asio::awaitable<EventCount> Client::count_of_event(Event event) {
  const auto what = "reading the count of " + named(event);
  auto answer = co_await write("PATCH", merge_patch_type, event_path(event), "{}", what);
  EventCount out{std::move(answer.result), 0};
  if (out.result.outcome == WriteOutcome::done) out.count = event_count(answer.body);
  co_return out;
}

asio::awaitable<WriteResult> Client::apply(std::string path, std::string body, OnConflict on_conflict,
                                           std::string field_manager, Shows shows) {
  auto what = "applying " + path;
  path += "?fieldManager=" + net::percent_encode(field_manager.empty() ? impl_->options.user_agent : field_manager);
  if (on_conflict == OnConflict::take_over) path += "&force=true";
  const Media media(apply_type, shows ? plain_json : any_metadata);
  co_return co_await patch(media, std::move(path), std::move(body), std::move(what), std::move(shows));
}

asio::awaitable<WriteResult> Client::merge_patch(std::string path, std::string body, Shows shows) {
  auto what = "patching " + path;
  const Media media(merge_patch_type, shows ? plain_json : any_metadata);
  co_return co_await patch(media, std::move(path), std::move(body), std::move(what), std::move(shows));
}

asio::awaitable<WriteResult> Client::json_patch(std::string path, std::string body, Shows shows) {
  auto what = "patching " + path;
  const Media media(json_patch_type, shows ? plain_json : any_metadata);
  co_return co_await patch(media, std::move(path), std::move(body), std::move(what), std::move(shows));
}

asio::awaitable<WriteResult> Client::remove(std::string path, std::string uid, std::uint64_t resource_version) {
  const auto what = "deleting " + path;
  net::HttpRequest request{"DELETE",
                           std::move(path),
                           {{"Accept", any_metadata}, {"Content-Type", plain_json}},
                           delete_options(uid, resource_version)};
  const auto response = co_await send(std::move(request));
  co_return response ? deletion_result(*response, what) : write_result(response.error(), what);
}

std::unique_ptr<net::Connection> Client::connection() const {
  net::ConnectionOptions options;
  options.proxy = impl_->config.proxy;
  return std::make_unique<net::Connection>(impl_->executor, impl_->config.server, impl_->access->tls(), options);
}

asio::awaitable<base::Result<net::Headers>> Client::headers() const {
  auto fields = co_await impl_->access->fields();
  if (!fields) co_return fields.error();
  impl_->pool.replace_tls(impl_->access->tls());
  fields->emplace(fields->begin(), "User-Agent", impl_->options.user_agent);
  co_return fields;
}

void Client::renew(net::Connection& connection) const { connection.replace_tls(impl_->access->tls()); }
void Client::refused() const { impl_->access->refused(); }
void Client::failed(const base::Error& error) const { impl_->access->failed(error); }
asio::any_io_executor Client::executor() const { return impl_->executor; }
const ClientOptions& Client::options() const { return impl_->options; }
const ClientConfig& Client::config() const { return impl_->config; }

}  // namespace k8s
