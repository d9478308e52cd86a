#include "controller/config/keys.hpp"

#include <array>
#include <chrono>

#include "controller/config/access_readers.hpp"
#include "controller/config/auth_keys.hpp"
#include "controller/config/readers.hpp"

namespace knm {
namespace {

using namespace std::chrono_literals;

// The number of addresses in a range that the config API reserves: the network's and the last one, and for some
// networks the gateway and the DNS server.
constexpr int spare_of_pod_networks = 4;
constexpr int spare_of_service_networks = 2;

constexpr std::array names = {
    Key{"default-domain", "name", "default-domain", "The domain of the projects of the namespaces.", "", "kubernetes",
        [](const Value& v, Settings& s) { read_text(v, s.default_domain, fault_of_element); }},
    Key{"default-project", "fq name, domain:project", "default-domain:default-project",
        "The project of the objects that belong to no namespace: the network of the address reservations, and policies "
        "of networks in other domains.",
        "The project must exist. A namespace with the name of this project is not served.",
        "default-domain:infrastructure",
        [](const Value& v, Settings& s) { read_text(v, s.default_project, fault_of_project_name); }},
    Key{"cluster-name", "DNS label", "\"\"",
        "The name that distinguishes the objects of this cluster from the objects of other clusters in the same config "
        "API.",
        "With a name the project of namespace `shop` is `<cluster-name>_shop`, and the names of addresses begin with "
        "it. Set the name before the first start, because it is part of the names of the objects.",
        "berlin",
        [](const Value& v, Settings& s) { read_text(v, s.cluster_name, fault_of_dns_label, Empty::means_none); }},
};

constexpr std::array api = {
    Key{"api-server", "host or list", "localhost", "The servers of the config API.",
        "Host names or addresses, without scheme and port. One of them is used at a time; if it fails, the next one.",
        "[config-1.example.org, config-2.example.org]",
        [](const Value& v, Settings& s) { read_texts(v, s.api_server, fault_of_host, Empty::refused); }},
    Key{"api-port", "port", "8082", "The port of the config API.", "", "9100",
        [](const Value& v, Settings& s) { read_port(v, s.api_port); }},
    Key{"api-tls", "true, false or mapping", "false", "Whether, and how, the config API is reached by TLS.",
        "`true` trusts the system's authorities. A mapping has any of `ca-file` (the trusted authorities), `cert-file` "
        "and `key-file` (the client's certificate), `server-name` (the name in the server's certificate, instead of "
        "the host), `min-version` (`1.2` or `1.3`), and `insecure: true` (accept any certificate: only for a "
        "laboratory). Files are PEM with absolute paths, and may change while the program runs.",
        "{ca-file: /etc/kube-network-manager/tls/ca.crt, server-name: config.example.org}",
        [](const Value& v, Settings& s) { read_tls(v, s.api_tls); }},
    Key{"api-notifications", "true or false", "true",
        "Whether the controller follows the notifications of the config API.",
        "Changes by other clients are then noticed at once, and audits are rarer (`watched-audit-factor`). A server "
        "that offers none (before R2011) is audited as with `false`. Connections to the servers may be idle for a "
        "minute: a load balancer between them needs a longer time-out.",
        "false", [](const Value& v, Settings& s) { read_bool(v, s.api_notifications); }},
    Key{"connections", "number, 1 to 256", "8", "The maximum number of requests in flight to the config API.", "", "16",
        [](const Value& v, Settings& s) { read_number(v, s.connections, 1, 256); }},
    Key{"request-timeout", "duration", "10s",
        "The timeout of a request to the config API. After the timeout the outcome is unknown, and the controller "
        "verifies the object.",
        "", "30s", [](const Value& v, Settings& s) { read_duration(v, s.request_timeout, 1ms, 10min); }},
    Key{"retry-delay", "duration", "200ms", "The delay before the first retry of a failed write.",
        "The delay doubles with every further failure of the same object, up to `retry-delay-max`.", "1s",
        [](const Value& v, Settings& s) { read_duration(v, s.retry_delay, 1ms, 1h); }},
    Key{"retry-delay-max", "duration", "30s", "The maximum delay between two attempts.", "", "2m",
        [](const Value& v, Settings& s) { read_duration(v, s.retry_delay_max, 1ms, 24h); }},
    Key{"policy-size-limit", "number of bytes, 1000 to 100000000", "900000",
        "The maximum size of the rules of one policy.",
        "The config API refuses bodies larger than its own `max_request_size`, 1024000 by default; leave room for the "
        "rest of a policy. A policy whose rules come close to the limit gets rules with many sources "
        "([object-model.md](object-model.md#policies-of-very-many-users)).",
        "4000000", [](const Value& v, Settings& s) { read_number(v, s.policy_size_limit, 1000, 100'000'000); }},
};

constexpr std::array addresses = {
    Key{"private-ip-range", "CIDR or list", "10.0.0.0/16", "The addresses of pods.",
        "Every pod network has this range. An address is unique in the cluster. New addresses are assigned from the "
        "first range of their family. A range with networks cannot be removed: write a new range before it.",
        "[10.16.0.0/14, \"fd00:10::/64\"]",
        [](const Value& v, Settings& s) { read_ranges(v, s.private_ip_range, spare_of_pod_networks, Empty::refused); }},
    Key{"service-cluster-ip-range", "CIDR or list", "10.254.0.0/16",
        "The addresses of Services, as in the option `--service-cluster-ip-range` of kube-apiserver.",
        "A ClusterIP outside of the range is reported by an Event on its Service. A range with networks cannot be "
        "removed; a further range can be added.",
        "10.96.0.0/12",
        [](const Value& v, Settings& s) {
          read_ranges(v, s.service_cluster_ip_range, spare_of_service_networks, Empty::refused);
        }},
    Key{"public-network", "fq name, domain:project:network", "default-domain:default-project:Public",
        "The network of external and load-balancer addresses.",
        "The controller creates the network if it does not exist. An existing network without the owner annotations of "
        "this cluster is used and never deleted: missing ranges of `public-ip-range` are added to it under an owned "
        "ipam.",
        "default-domain:legacy:internet",
        [](const Value& v, Settings& s) { read_text(v, s.public_network, fault_of_network_name); }},
    Key{"public-ip-range", "CIDR or list", "[]", "The external addresses that this cluster may use.",
        "`externalIPs` outside of the range are refused. Without a range there is no public network, and no "
        "LoadBalancer Service gets an address. A removed range stays in the network until none of its addresses is in "
        "use.",
        "203.0.113.0/24", [](const Value& v, Settings& s) { read_ranges(v, s.public_ip_range, 0, Empty::means_none); }},
    Key{"address-cool-down", "duration", "60s", "The time until the address of a deleted pod is assigned again.",
        "A force-deleted pod may still run on its node for some time.", "5m",
        [](const Value& v, Settings& s) { read_duration(v, s.address_cool_down, 0ms, 24h); }},
    Key{"load-balancer-class", "class name", "\"\"",
        "The `loadBalancerClass` of the Services that get an address of `public-ip-range`.", "",
        "opencontrail.org/public",
        [](const Value& v, Settings& s) {
          read_text(v, s.load_balancer_class, fault_of_label_key, Empty::means_none);
        }},
    Key{"load-balancer-default", "true or false", "true", "Whether LoadBalancer Services without a class are served.",
        "Write `false` if another implementation serves these Services.", "false",
        [](const Value& v, Settings& s) { read_bool(v, s.load_balancer_default); }},
    Key{"public-address-limit", "number, 0 to 1000000", "32",
        "The maximum number of addresses of `public-ip-range` for the Services of one Namespace.",
        "A request beyond the limit is refused with a Warning. Assigned addresses stay. A request that waits for a "
        "free address counts.",
        "4", [](const Value& v, Settings& s) { read_number(v, s.public_address_limit, 0, 1'000'000); }},
    Key{"external-ip-namespaces", "namespace or list", "[]",
        "The namespaces whose Services may choose a public address with `externalIPs` or `loadBalancerIP`.",
        "Without an entry every namespace may choose. Services of other namespaces get an address that the controller "
        "chooses, with type LoadBalancer.",
        "[ingress, shop]",
        [](const Value& v, Settings& s) {
          read_texts(v, s.external_ip_namespaces, fault_of_dns_label, Empty::means_none);
        }},
};

constexpr std::array access_keys = {
    Key{"network-label", "label key or list", "name", "The label of pods and Services that names their tier.",
        "The first key with a value is used.", "[opencontrail.org/name, name]",
        [](const Value& v, Settings& s) { read_texts(v, s.network_label, fault_of_label_key, Empty::refused); }},
    Key{"service-label", "label key or list", "uses",
        "The label or annotation of pods that lists the service tiers which the pod requests.",
        "The first key with a value is used, separately for labels and annotations. A key cannot be in both "
        "`network-label` and `service-label`.",
        "[opencontrail.org/services, uses]",
        [](const Value& v, Settings& s) { read_texts(v, s.service_label, fault_of_label_key, Empty::refused); }},
    Key{"cluster-service", "namespace/tier or list", "[]", "Service tiers that every pod of the cluster reaches.",
        "The usual entry is the tier of the cluster's DNS.", "kube-system/default",
        [](const Value& v, Settings& s) { read_cluster_services(v, s.cluster_service); }},
    Key{"namespace-service", "tier or list", "[default]", "Service tiers that every pod reaches in its own namespace.",
        "`default` is the tier of Services without a tier label.", "[default, logging]",
        [](const Value& v, Settings& s) {
          read_texts(v, s.namespace_service, fault_of_label_value, Empty::means_none);
        }},
    Key{"global-network", "fq name or list", "[]",
        "External networks that pod networks are connected to as soon as the external networks exist.", "",
        "default-domain:default-project:Monitoring",
        [](const Value& v, Settings& s) { read_texts(v, s.global_network, fault_of_network_name, Empty::means_none); }},
    Key{"global-connect-include", "regular expression", "\".*\"",
        "The pod networks that are connected to the global networks.",
        "The expression may match any part of `namespace/network`; write `^` and `$` to match the whole text. The "
        "syntax is that of RE2 and Go.",
        "^prod-", [](const Value& v, Settings& s) { read_pattern(v, s.global_connect_include, Empty::refused); }},
    Key{"global-connect-exclude", "regular expression", "\"\"",
        "The pod networks that are not connected to the global networks, even if `global-connect-include` matches.", "",
        "^kube-system/",
        [](const Value& v, Settings& s) { read_pattern(v, s.global_connect_exclude, Empty::means_none); }},
    Key{"external-service", "mapping of tier to network", "{}",
        "External networks that pods reach by naming them in their `uses` label.",
        "The value is the fq name of a network, or `network` and the `namespaces` whose pods may use it. A service "
        "tier of the same name takes precedence.",
        "{oracle: {network: \"default-domain:legacy:oracle-db\", namespaces: [shop, billing]}}",
        [](const Value& v, Settings& s) { read_external_services(v, s.external_service); }},
};

constexpr std::array pace = {
    Key{"batch-window", "duration", "20ms",
        "The time in which changes of the backends of an address, or of a policy, become one write.",
        "With `0s` each change is written at once.", "100ms",
        [](const Value& v, Settings& s) { read_duration(v, s.batch_window, 0ms, 10s); }},
    Key{"audit-interval", "duration", "1m",
        "The interval between two audits, which read the config API and compare it with the desired objects.",
        "An audit takes at most a twentieth of the server's time: the interval grows to twenty times the duration of "
        "the last audit, up to ten minutes. While notifications of the config API arrive, it is multiplied by "
        "`watched-audit-factor`.",
        "10m", [](const Value& v, Settings& s) { read_duration(v, s.audit_interval, 10ms, 24h); }},
    Key{"watched-audit-factor", "number, 1 to 100", "10",
        "How many times longer the pause between two audits is while the config API sends notifications and these miss "
        "nothing. With the defaults the longest pause is a hundred minutes.",
        "With `1` notifications change nothing about audits. After an audit finds what no notification has shown, this "
        "number of audits in a row must find nothing before they are rare again.",
        "20", [](const Value& v, Settings& s) { read_number(v, s.watched_audit_factor, 1, 100); }},
    Key{"orphan-grace", "duration", "10m",
        "The time until an orphan is deleted: an object with the owner annotations of this cluster that no rule "
        "explains.",
        "For this key and the next four see [safety.md](safety.md).", "1h",
        [](const Value& v, Settings& s) { read_duration(v, s.orphan_grace, 0ms, 168h); }},
    Key{"mass-delete-confirm", "number", "10",
        "A list, a start or an audit that would delete more objects of one kind than this number is confirmed by a "
        "second list.",
        "Only together with `mass-delete-fraction`: both limits must be exceeded.", "50",
        [](const Value& v, Settings& s) { read_number(v, s.mass_delete_confirm, 0, 1'000'000); }},
    Key{"mass-delete-limit", "number", "100",
        "A list, a start or an audit that would delete more objects of one kind than this number needs "
        "`--allow-mass-delete`.",
        "Only together with `mass-delete-fraction`: both limits must be exceeded.", "500",
        [](const Value& v, Settings& s) { read_number(v, s.mass_delete_limit, 0, 1'000'000); }},
    Key{"mass-delete-fraction", "fraction from 0 to 1", "1/3",
        "The other limit of the mass-deletion guard, as a fraction of the existing objects of that kind.",
        "The notation is `1/3`, `0.33` or `33%`.", "50%",
        [](const Value& v, Settings& s) { read_fraction(v, s.mass_delete_fraction); }},
    Key{"relist-interval", "duration", "1h", "The interval of full lists from Kubernetes, in addition to the watches.",
        "The actual interval is between one and one and a half times the value. The mass-deletion guard checks the "
        "deletions that a list shows.",
        "6h", [](const Value& v, Settings& s) { read_duration(v, s.relist_interval, 1min, 168h); }},
    Key{"watch-silence-limit", "duration", "2m",
        "After this time without a list, an event or a bookmark of a kind the controller is not ready (`/readyz`), and "
        "starts the watch again over another connection.",
        "The API server sends a bookmark once a minute, so a value below 90 seconds reports healthy watches as silent. "
        "The metric is `knm_watch_last_heard_seconds`.",
        "5m", [](const Value& v, Settings& s) { read_duration(v, s.watch_silence_limit, 1s, 24h); }},
    Key{"read-only", "true or false", "false", "Watch and compare only, without any write.",
        "The option `run --read-only` has the same effect.", "true",
        [](const Value& v, Settings& s) { read_bool(v, s.read_only); }},
};

constexpr std::array election = {
    Key{"leader-election", "true or false", "false", "Whether several instances elect a leader, which alone writes.",
        "The others are standbys ([high-availability.md](high-availability.md)). The election needs permissions for a "
        "Lease (`manifests/rbac`). Without it an instance that was killed can go on at once after its restart; with it "
        "the next leader waits until the lease of the killed one has expired. A read-only instance takes no part.",
        "true", [](const Value& v, Settings& s) { read_bool(v, s.leader_election); }},
    Key{"lease-name", "DNS label", "kube-network-manager", "The name of the Lease of the election.",
        "All instances of one cluster must have the same Lease.", "network-manager-blue",
        [](const Value& v, Settings& s) { read_text(v, s.lease_name, fault_of_dns_label); }},
    Key{"lease-namespace", "namespace", "\"\"", "The namespace of the Lease.",
        "Without an entry it is the namespace of the controller's own pod, or `kube-system` outside of the cluster.",
        "infrastructure",
        [](const Value& v, Settings& s) { read_text(v, s.lease_namespace, fault_of_dns_label, Empty::means_none); }},
    Key{"lease-duration", "duration", "15s",
        "The time after the last renewal of the Lease until another instance may become the leader.",
        "This is how long nothing is written after a leader was killed.", "30s",
        [](const Value& v, Settings& s) { read_duration(v, s.lease_duration, 1s, 1h); }},
    Key{"lease-renew-deadline", "duration", "10s",
        "The time after the last renewal of the Lease until the leader stops writing, and ends.",
        "It must be at least a second shorter than `lease-duration`: the difference covers requests that are under "
        "way, and clocks of "
        "different speed.",
        "12s", [](const Value& v, Settings& s) { read_duration(v, s.lease_renew_deadline, 100ms, 1h); }},
    Key{"lease-retry-period", "duration", "2s", "The interval of the renewals, and of the attempts of the standbys.",
        "Each interval is longer by a random part of up to a fifth. `lease-renew-deadline` must be longer than that.",
        "4s", [](const Value& v, Settings& s) { read_duration(v, s.lease_retry_period, 10ms, 10min); }},
};

constexpr std::array program = {
    Key{"listen-http", "address:port", "\":9402\"",
        "The address of the probes (`/livez`, `/readyz`, `/healthz`) and of `/metrics`, without TLS.",
        "Without an address the server listens on all addresses, IPv6 and IPv4. The option `--listen-http` takes "
        "precedence.",
        "127.0.0.1:9402", [](const Value& v, Settings& s) { read_listen_address(v, s.listen_http); }},
    Key{"listen-state", "address:port", "localhost:9403",
        "The address of `/state`, without TLS. `/state` lists every Pod and every address.",
        "The default is the loopback interface, which only clients on the same machine reach. Port `0` takes a free "
        "port. The option `--listen-state` takes precedence.",
        "127.0.0.1:9403", [](const Value& v, Settings& s) { read_listen_address(v, s.listen_state); }},
    Key{"log-level", "trace, debug, info, warning, error or off", "info",
        "The lowest level of the log lines that are written.", "The option `--log-level` takes precedence.", "debug",
        [](const Value& v, Settings& s) { read_level(v, s.log_level); }},
    Key{"log-format", "text or json", "text", "The format of the log: text, or one JSON object for each line.",
        "The option `--log-format` takes precedence.", "json",
        [](const Value& v, Settings& s) { read_format(v, s.log_format); }},
};

constexpr std::array<KeyGroup, 8> groups = {{{"Names", names},
                                             {"Config API", api},
                                             {"Login", auth_keys},
                                             {"Addresses", addresses},
                                             {"Access", access_keys},
                                             {"Pace and safety", pace},
                                             {"High availability", election},
                                             {"The program", program}}};

}  // namespace

std::span<const KeyGroup> key_groups() { return groups; }

const Key* key_named(std::string_view name) {
  for (const auto& group : groups) {
    for (const auto& key : group.keys) {
      if (key.name == name) return &key;
    }
  }
  return nullptr;
}

bool none_by_default(const Key& key) {
  return key.default_value == "\"\"" || key.default_value == "[]" || key.default_value == "{}";
}

}  // namespace knm
