#include "controller/config/keys.hpp"

#include <array>
#include <chrono>

#include "controller/config/readers.hpp"

namespace knm {
namespace {

using namespace std::chrono_literals;

// How many addresses of a range the config API keeps for itself: the network's and the last one, and where the network
// has them its gateway and its name server.
constexpr int spare_of_pod_networks = 4;
constexpr int spare_of_service_networks = 2;

constexpr std::array names = {
    Key{"default-domain", "name", "default-domain", "The domain in which the projects of the namespaces are made.", "",
        "kubernetes", [](const Value& v, Settings& s) { read_text(v, s.default_domain, fault_of_element); }},
    Key{"default-project", "fq name, domain:project", "default-domain:default-project",
        "The project of what belongs to no namespace: the network that pod addresses are allocated in, policies of "
        "networks in other domains.",
        "It must exist. A namespace that has the name of this project is not served.", "default-domain:infrastructure",
        [](const Value& v, Settings& s) { read_text(v, s.default_project, fault_of_project_name); }},
    Key{"cluster-name", "DNS label", "\"\"",
        "Tells this cluster's objects from those of other clusters that share the config API.",
        "With it the project of namespace `shop` is `<cluster-name>_shop`, and the names of addresses begin with it. "
        "Set it before the first start: it is part of the objects' names.",
        "berlin",
        [](const Value& v, Settings& s) { read_text(v, s.cluster_name, fault_of_dns_label, Empty::means_none); }},
};

constexpr std::array api = {
    Key{"api-server", "host or list", "localhost", "The servers of the config API.",
        "Names or addresses, without scheme and port.", "[config-1.example.org, config-2.example.org]",
        [](const Value& v, Settings& s) { read_texts(v, s.api_server, fault_of_host, Empty::refused); }},
    Key{"api-port", "port", "8082", "The port of the config API.", "", "9100",
        [](const Value& v, Settings& s) { read_port(v, s.api_port); }},
    Key{"connections", "number, 1 to 256", "8", "How many requests to the config API may be under way at once.", "",
        "16", [](const Value& v, Settings& s) { read_number(v, s.connections, 1, 256); }},
    Key{"request-timeout", "duration", "10s",
        "How long an answer of the config API may take; after that the outcome counts as unknown and is looked up.", "",
        "30s", [](const Value& v, Settings& s) { read_duration(v, s.request_timeout, 1ms, 10min); }},
    Key{"retry-delay", "duration", "200ms", "The pause before the first retry of a write that failed.",
        "It doubles with every further failure of the same object, up to `retry-delay-max`.", "1s",
        [](const Value& v, Settings& s) { read_duration(v, s.retry_delay, 1ms, 1h); }},
    Key{"retry-delay-max", "duration", "30s", "The longest pause between two tries.", "", "2m",
        [](const Value& v, Settings& s) { read_duration(v, s.retry_delay_max, 1ms, 24h); }},
    Key{"policy-size-limit", "number of bytes, 1000 to 100000000", "900000",
        "How much the rules of one policy may take.",
        "The config API refuses bodies beyond its own `max_request_size`, 1024000 where nobody changed it; leave room "
        "for the rest of a policy. One whose rules would take nearly as much gets rules with many sources "
        "([object-model.md](object-model.md#policies-of-very-many-users)).",
        "4000000", [](const Value& v, Settings& s) { read_number(v, s.policy_size_limit, 1000, 100'000'000); }},
};

constexpr std::array addresses = {
    Key{"private-ip-range", "CIDR or list", "10.0.0.0/16", "The addresses of pods.",
        "Every pod network has this range; an address is unique in the cluster. New addresses are of the first range "
        "of "
        "their family. A range that networks have cannot be taken away: write the new one before it.",
        "[10.16.0.0/14, \"fd00:10::/64\"]",
        [](const Value& v, Settings& s) { read_ranges(v, s.private_ip_range, spare_of_pod_networks, Empty::refused); }},
    Key{"service-cluster-ip-range", "CIDR or list", "10.254.0.0/16",
        "The addresses of Services: what kube-apiserver has as `--service-cluster-ip-range`.",
        "A ClusterIP outside is reported at start and as an Event on its Service. A range that networks have cannot be "
        "taken away; a further one can be added.",
        "10.96.0.0/12",
        [](const Value& v, Settings& s) {
          read_ranges(v, s.service_cluster_ip_range, spare_of_service_networks, Empty::refused);
        }},
    Key{"public-network", "fq name, domain:project:network", "default-domain:default-project:Public",
        "The network of external and load-balancer addresses.",
        "It is made if it does not exist; one that exists and is not marked as ours is used and never deleted: what it "
        "lacks of `public-ip-range` is put there under an ipam of our own.",
        "default-domain:legacy:internet",
        [](const Value& v, Settings& s) { read_text(v, s.public_network, fault_of_network_name); }},
    Key{"public-ip-range", "CIDR or list", "[]", "The external addresses that this cluster may use.",
        "`externalIPs` outside are refused. Without a range there is no public network and no LoadBalancer Service "
        "gets an address. A range that is taken away stays in the network until none of its addresses is in use.",
        "203.0.113.0/24", [](const Value& v, Settings& s) { read_ranges(v, s.public_ip_range, 0, Empty::means_none); }},
    Key{"address-cool-down", "duration", "60s", "How long the address of a pod that is gone is not given to another.",
        "A force-deleted pod may still run on its node for a while.", "5m",
        [](const Value& v, Settings& s) { read_duration(v, s.address_cool_down, 0ms, 24h); }},
    Key{"load-balancer-class", "class name", "\"\"",
        "The `loadBalancerClass` of the Services that get an address from `public-ip-range`.", "",
        "opencontrail.org/public",
        [](const Value& v, Settings& s) {
          read_text(v, s.load_balancer_class, fault_of_label_key, Empty::means_none);
        }},
    Key{"load-balancer-default", "true or false", "true", "Serve LoadBalancer Services that name no class.",
        "Write `false` where another implementation serves these.", "false",
        [](const Value& v, Settings& s) { read_bool(v, s.load_balancer_default); }},
    Key{"public-address-limit", "number, 0 to 1000000", "32",
        "How many addresses of `public-ip-range` the Services of one Namespace may have.",
        "One beyond the limit is refused with a Warning; what a Service has stays. One that waits for a free address "
        "counts.",
        "4", [](const Value& v, Settings& s) { read_number(v, s.public_address_limit, 0, 1'000'000); }},
    Key{"external-ip-namespaces", "namespace or list", "[]",
        "The namespaces whose Services may choose a public address, by `externalIPs` or `loadBalancerIP`.",
        "Without it every namespace may. Others get addresses that we choose, by type LoadBalancer.", "[ingress, shop]",
        [](const Value& v, Settings& s) {
          read_texts(v, s.external_ip_namespaces, fault_of_dns_label, Empty::means_none);
        }},
};

constexpr std::array access_keys = {
    Key{"network-label", "label key or list", "name", "The label of pods and Services that names their tier.",
        "Of several keys the first that has a value counts.", "[opencontrail.org/name, name]",
        [](const Value& v, Settings& s) { read_texts(v, s.network_label, fault_of_label_key, Empty::refused); }},
    Key{"service-label", "label key or list", "uses",
        "The label or annotation of pods that names the service tiers which they use.",
        "Of several keys the first that has a value counts, for labels and annotations separately. A key cannot be in "
        "both lists.",
        "[opencontrail.org/services, uses]",
        [](const Value& v, Settings& s) { read_texts(v, s.service_label, fault_of_label_key, Empty::refused); }},
    Key{"cluster-service", "namespace/tier or list", "[]", "Service tiers that every pod of the cluster reaches.",
        "Usual is the tier of the cluster's DNS.", "kube-system/default",
        [](const Value& v, Settings& s) { read_cluster_services(v, s.cluster_service); }},
    Key{"namespace-service", "tier or list", "[default]", "Service tiers that every pod reaches in its own namespace.",
        "`default` is the tier of Services without a tier label.", "[default, logging]",
        [](const Value& v, Settings& s) {
          read_texts(v, s.namespace_service, fault_of_label_value, Empty::means_none);
        }},
    Key{"global-network", "fq name or list", "[]", "Networks that pod networks are connected to, once they exist.", "",
        "default-domain:default-project:Monitoring",
        [](const Value& v, Settings& s) { read_texts(v, s.global_network, fault_of_network_name, Empty::means_none); }},
    Key{"global-connect-include", "regular expression", "\".*\"",
        "Which pod networks are connected to the global networks.",
        "It is searched for in `namespace/network`; write `^` and `$` to match the whole. The syntax is that of RE2 "
        "and "
        "Go.",
        "^prod-", [](const Value& v, Settings& s) { read_pattern(v, s.global_connect_include, Empty::refused); }},
    Key{"global-connect-exclude", "regular expression", "\"\"",
        "Which pod networks are not connected to the global networks, even if they are included.", "", "^kube-system/",
        [](const Value& v, Settings& s) { read_pattern(v, s.global_connect_exclude, Empty::means_none); }},
    Key{"external-service", "mapping of tier to network", "{}",
        "Networks outside of the cluster that pods reach by naming them in their `uses` label.",
        "The value is a network's fq name, or `network` and the `namespaces` whose pods may use it. A tier of Services "
        "of the same name wins.",
        "{oracle: {network: \"default-domain:legacy:oracle-db\", namespaces: [shop, billing]}}",
        [](const Value& v, Settings& s) { read_external_services(v, s.external_service); }},
};

constexpr std::array pace = {
    Key{"batch-window", "duration", "20ms",
        "How long changes of an existing address's backends, or of an existing policy, are gathered into one write.",
        "`0s` writes each at once.", "100ms",
        [](const Value& v, Settings& s) { read_duration(v, s.batch_window, 0ms, 10s); }},
    Key{"audit-interval", "duration", "1m", "How often what the config API holds is read again and compared.",
        "An audit is not to take more than a twentieth of the server's time: the interval grows to twenty times the "
        "last one's duration, up to ten minutes.",
        "10m", [](const Value& v, Settings& s) { read_duration(v, s.audit_interval, 10ms, 24h); }},
    Key{"orphan-grace", "duration", "10m",
        "How long an object that is marked ours but belongs to nothing is left alone before it is deleted.",
        "What to do then, and with the next four: [safety.md](safety.md).", "1h",
        [](const Value& v, Settings& s) { read_duration(v, s.orphan_grace, 0ms, 168h); }},
    Key{"mass-delete-confirm", "number", "10",
        "More deletions of one kind than this, found by a list, a start or an audit, are confirmed by a second list.",
        "Only together with `mass-delete-fraction`: both limits must be passed.", "50",
        [](const Value& v, Settings& s) { read_number(v, s.mass_delete_confirm, 0, 1'000'000); }},
    Key{"mass-delete-limit", "number", "100",
        "More deletions of one kind than this, found by a list, a start or an audit, wait for `--allow-mass-delete`.",
        "Only together with `mass-delete-fraction`: both limits must be passed.", "500",
        [](const Value& v, Settings& s) { read_number(v, s.mass_delete_limit, 0, 1'000'000); }},
    Key{"mass-delete-fraction", "part of a whole", "1/3",
        "The other limit of the guard against mass deletion, as a part of the objects of that kind that are there.",
        "Written as `1/3`, `0.33` or `33%`.", "50%",
        [](const Value& v, Settings& s) { read_fraction(v, s.mass_delete_fraction); }},
    Key{"relist-interval", "duration", "1h",
        "How often everything is listed from Kubernetes once more, though the watches seem well.",
        "Between once and one and a half times as long. What a list finds gone is guarded as above.", "6h",
        [](const Value& v, Settings& s) { read_duration(v, s.relist_interval, 1min, 168h); }},
    Key{"read-only", "true or false", "false", "Watch and compare, write nothing anywhere.",
        "`run --read-only` does the same.", "true", [](const Value& v, Settings& s) { read_bool(v, s.read_only); }},
};

constexpr std::array program = {
    Key{"listen-http", "address:port", "\":9402\"",
        "Where probes (`/livez`, `/readyz`, `/healthz`) and `/metrics` are served, without TLS.",
        "Without an address: all addresses, IPv6 and IPv4. The option `--listen-http` wins.", "127.0.0.1:9402",
        [](const Value& v, Settings& s) { read_listen_address(v, s.listen_http); }},
    Key{"listen-state", "address:port", "localhost:9403",
        "Where `/state` is served, without TLS: it names every Pod and every address.",
        "On the loopback interface by default, so that only who is on the machine reaches it; another address opens "
        "it. "
        "Port `0` takes a free one. The option `--listen-state` wins.",
        "127.0.0.1:9403", [](const Value& v, Settings& s) { read_listen_address(v, s.listen_state); }},
    Key{"log-level", "trace, debug, info, warning, error or off", "info", "What is worth a line in the log.",
        "The option `--log-level` wins.", "debug", [](const Value& v, Settings& s) { read_level(v, s.log_level); }},
    Key{"log-format", "text or json", "text", "Lines for people, or one JSON object a line.",
        "The option `--log-format` wins.", "json", [](const Value& v, Settings& s) { read_format(v, s.log_format); }},
};

constexpr std::array<KeyGroup, 6> groups = {{{"Names", names},
                                             {"Config API", api},
                                             {"Addresses", addresses},
                                             {"Who reaches whom", access_keys},
                                             {"Pace and safety", pace},
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
