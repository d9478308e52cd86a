#include "controller/run/connect_checks.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/cut.hpp"
#include "contrail-client/types.hpp"
#include "net/errc.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr int ok = 200, created = 201, forbidden = 403;

// --- Kubernetes

struct Permission {
  std::string verb, group, resource, subresource{}, ns{}, name{};

  std::string text() const {
    return verb + " " + resource + (subresource.empty() ? "" : "/" + subresource) + (group.empty() ? "" : "." + group) +
           (ns.empty() ? "" : " in " + ns);
  }
};

// Those of manifests/rbac.
std::vector<Permission> needed_permissions(const Settings& settings, const std::string& lease_namespace) {
  std::vector<Permission> needed;
  for (const char* verb : {"list", "watch"}) {
    for (const char* resource : {"pods", "services", "namespaces"}) needed.push_back({verb, "", resource});
    needed.push_back({verb, "discovery.k8s.io", "endpointslices"});
  }
  if (settings.read_only) return needed;
  needed.push_back({"patch", "", "pods", "status"});
  needed.push_back({"patch", "", "services", "status"});
  for (const char* verb : {"create", "patch"}) needed.push_back({verb, "events.k8s.io", "events"});
  if (!settings.leader_election) return needed;
  needed.push_back({"create", "coordination.k8s.io", "leases", "", lease_namespace});
  for (const char* verb : {"get", "update"})
    needed.push_back({verb, "coordination.k8s.io", "leases", "", lease_namespace, settings.lease_name});
  return needed;
}

// Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
std::string access_review(const Permission& permission) {
  return json{{"apiVersion", "authorization.k8s.io/v1"},
              {"kind", "SelfSubjectAccessReview"},
              {"spec",
               {{"resourceAttributes",
                 {{"verb", permission.verb},
                  {"group", permission.group},
                  {"resource", permission.resource},
                  {"subresource", permission.subresource},
                  {"namespace", permission.ns},
                  {"name", permission.name}}}}}}
      .dump();
}

// Null: the value is no object, or has no such member.
const json* member(const json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

bool is_allowed(const std::string& review) {
  const auto answer = json::parse(review, nullptr, false);
  const auto* status = member(answer, "status");
  const auto* allowed = status ? member(*status, "allowed") : nullptr;
  return allowed && allowed->is_boolean() && allowed->get<bool>();
}

// Whether the client's user has a permission. A review is answered and not kept, so that it is no object to create.
asio::awaitable<base::Result<bool>> review(k8s::Client& client, net::Connection& connection,
                                           const Permission& permission, std::chrono::milliseconds timeout) {
  auto headers = co_await client.headers();
  if (!headers) co_return headers.error();
  client.renew(connection);
  headers->emplace_back("Content-Type", "application/json");
  headers->emplace_back("Accept", "application/json");
  const auto answer = co_await connection.exchange({.method = "POST",
                                                    .target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                                    .headers = std::move(*headers),
                                                    .body = access_review(permission)},
                                                   net::Deadline::clock::now() + timeout);
  if (!answer) co_return annotate(answer.error().error, "asking for permissions");
  if (answer->status != created)
    co_return base::Error{net::errc::malformed_response,
                          "asking for permissions: HTTP " + std::to_string(answer->status)};
  co_return is_allowed(answer->body);
}

std::string version_in(const std::string& answer) {
  const auto parsed = json::parse(answer, nullptr, false);
  const auto* version = member(parsed, "gitVersion");
  return version && version->is_string() ? version->get<std::string>() : "an unknown version";
}

// --- The config API

std::string remedy_for(const base::Error& error) {
  const auto& code = error.code;
  if (code == net::errc::connect_failed || code == net::errc::resolve_failed || code == net::errc::timed_out)
    return "; check api-server and api-port, and what is between";
  if (code == net::errc::closed || code == net::errc::malformed_response)
    return "; check api-port, and whether the server has TLS (api-tls)";
  if (code == net::errc::bad_certificate || code == net::errc::handshake_failed)
    return "; check api-tls (ca-file, server-name, cert-file), and the certificate of the server";
  return "";
}

contrail::Request count_of(contrail::Type type) {
  return {.method = "GET", .target = "/" + std::string(contrail::plural(type)) + "?count=true", .body = ""};
}

}  // namespace

asio::awaitable<std::vector<Check>> check_kubernetes(k8s::Client& client, const Settings& settings,
                                                     const std::string& lease_namespace) {
  const std::string subject = "Kubernetes " + client.config().server.url();
  std::vector<Check> checks;
  const auto version = co_await client.get("/version", settings.request_timeout);
  if (!version) {
    checks.push_back({subject, false, version.error().message + "; check the kubeconfig (--kubeconfig, --context)"});
    co_return checks;
  }
  std::string missing;
  const auto needed = needed_permissions(settings, lease_namespace);
  const auto connection = client.connection();
  for (const auto& permission : needed) {
    const auto allowed = co_await review(client, *connection, permission, settings.request_timeout);
    if (!allowed) {
      checks.push_back({subject, false, allowed.error().message});
      co_return checks;
    }
    if (!*allowed) missing += (missing.empty() ? "" : ", ") + permission.text();
  }
  if (missing.empty())
    checks.push_back(
        {subject, true, version_in(*version) + ", with all " + std::to_string(needed.size()) + " permissions"});
  else
    checks.push_back({subject, false, "the user may not " + missing + "; apply manifests/rbac"});
  co_return checks;
}

asio::awaitable<std::vector<Check>> check_keystone(const Settings& settings, contrail::Access& access) {
  std::vector<Check> checks;
  if (settings.auth.type != AuthType::keystone) co_return checks;
  const auto fields = co_await access.fields(net::Deadline::max());  // the request to Keystone has a time-out
  const std::string subject = "Keystone " + settings.auth.url;
  if (fields)
    checks.push_back({subject, true, "gives a token"});
  else
    checks.push_back({subject, false, fields.error().message});
  co_return checks;
}

asio::awaitable<std::vector<Check>> check_config_api(asio::any_io_executor executor, const Settings& settings,
                                                     const ConfigClientParts& parts, std::size_t server,
                                                     contrail::DatabaseIdentity& identity) {
  const auto& endpoint = parts.servers.at(server);
  Check check{"config API " + endpoint.url()};
  auto options = parts.options;
  options.check_database = false;  // that is done here, between the servers
  options.proxies = {parts.options.proxies.at(server)};
  contrail::Client client(std::move(executor), {endpoint}, std::move(options));
  const auto told = co_await client.exchange(contrail::DatabaseIdentity::question(), settings.request_timeout);
  if (!told) {
    check.found = told.error().error.message + remedy_for(told.error().error);
    co_return std::vector{check};
  }
  if (contrail::DatabaseIdentity::is_about_server(told->status)) {
    check.found = "HTTP " + std::to_string(told->status) + ": " + std::string(base::cut(told->body, 300));
    co_return std::vector{check};
  }
  if (const auto other = identity.compare(*told, endpoint.url())) {
    check.found = other->message;
    co_return std::vector{check};
  }
  std::string unreadable, broken;
  for (int number = 0; number < contrail::type_count; ++number) {
    const auto type = static_cast<contrail::Type>(number);
    const auto counted = co_await client.exchange(count_of(type), settings.request_timeout);
    const auto plural = std::string(contrail::plural(type));
    if (!counted) {
      // A server that hangs would take the whole time for each type.
      broken = counted.error().error.message;
      break;
    }
    if (counted->status == forbidden)
      unreadable += (unreadable.empty() ? "" : ", ") + plural;
    else if (counted->status != ok && broken.empty())
      broken = plural + ": HTTP " + std::to_string(counted->status) + " " + counted->body;
  }
  if (!unreadable.empty())
    check.found = "the user may not read " + unreadable +
                  " (403); give the user the role cloud_admin_role of the config API, or rules of RBAC";
  if (!broken.empty()) check.found += (check.found.empty() ? "" : "; ") + broken;
  if (check.found.empty())
    check.good = true, check.found = "answers, and all " + std::to_string(contrail::type_count) + " types can be read";
  if (told->status == forbidden)
    check.found +=
        "; the user may not ask for the database (403 to /fqname-to-id), so databases are not compared, neither here "
        "nor "
        "later";
  co_return std::vector{check};
}

}  // namespace knm
