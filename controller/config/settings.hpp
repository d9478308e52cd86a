#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "contrail-client/ip.hpp"
#include "controller/config/pattern.hpp"
#include "controller/log/level.hpp"

// The configuration of the controller as one value. controller/config/keys.cpp contains the names, meanings and
// defaults for users (docs/configuration.md is generated from it); a test keeps both in sync.
namespace knm {

// A tier whose Services all Pods of the cluster may reach: `namespace/tier`.
struct ClusterService {
  std::string namespace_name;
  std::string tier;
  friend auto operator<=>(const ClusterService&, const ClusterService&) = default;
};

// An external network that Pods reach by its tier name in their `uses`.
struct ExternalService {
  std::string network;                  // fq name, domain:project:network
  std::vector<std::string> namespaces;  // Namespaces that may use it; empty: all
  friend bool operator==(const ExternalService&, const ExternalService&) = default;
};

// A listening address. An empty host: all addresses, IPv6 and IPv4. Port 0: a free one, chosen by the kernel.
struct ListenAddress {
  std::string host;  // an address without brackets, or "localhost"
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// How a server is reached by TLS. Files are PEM; empty: the system's authorities, no client certificate, the server's
// host.
struct TlsKeys {
  bool enabled = false;
  std::string ca_file, cert_file, key_file, server_name;
  bool require_tls_1_3 = false;  // else TLS 1.2 and later
  bool insecure = false;         // accept any certificate
  friend bool operator==(const TlsKeys&, const TlsKeys&) = default;
};

// How the controller identifies itself to the config API.
enum class AuthType : std::uint8_t { none, basic, keystone };

// The user, and Keystone's part: which of the keys belong together is in docs/config-api-access.md.
struct AuthKeys {
  AuthType type = AuthType::none;
  std::string url;  // of Keystone, with /v3 at its end
  TlsKeys tls;      // of Keystone
  std::string user, user_domain = "Default", password_file;
  // An application credential, instead of a user; its id, or the file with it.
  std::string credential_id, credential_id_file, credential_secret_file;
  std::string project, project_domain = "Default", domain;  // the scope: a project, or a domain
  std::string user_id, project_id, domain_id;               // each instead of a name and its domain
  friend bool operator==(const AuthKeys&, const AuthKeys&) = default;
};

struct Settings {
  // Parents of the objects. fq names are joined by ':'.
  std::string default_domain = "default-domain";
  std::string default_project = "default-domain:default-project";
  std::string cluster_name;  // a DNS label; empty: none, with the names of a single cluster

  // The config API.
  std::vector<std::string> api_server = {"localhost"};  // host names or addresses (IPv6 without brackets)
  std::uint16_t api_port = 8082;
  TlsKeys api_tls;
  bool api_notifications = true;  // follow GET /watch
  AuthKeys auth;
  int connections = 8;
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds retry_delay{200};         // before the first retry for one object; doubles each time
  std::chrono::milliseconds retry_delay_max{30'000};  // the upper limit of the delay
  int policy_size_limit = 900'000;                    // maximum bytes of the rules in one policy

  // Addresses. Ranges never overlap each other; most have one range per family.
  std::string public_network = "default-domain:default-project:Public";
  std::vector<contrail::Cidr> public_ip_range;  // empty: no public network
  std::vector<contrail::Cidr> private_ip_range = {{contrail::IpAddress::v4(0x0a000000), 16}};          // 10.0.0.0/16
  std::vector<contrail::Cidr> service_cluster_ip_range = {{contrail::IpAddress::v4(0x0afe0000), 16}};  // 10.254.0.0/16
  std::chrono::milliseconds address_cool_down{60'000};  // a freed Pod address is not assigned again before
  std::string load_balancer_class;                      // empty: the controller serves no class
  bool load_balancer_default = true;                    // the controller serves LoadBalancer Services without a class
  int public_address_limit = 32;                        // maximum addresses of public_ip_range in one Namespace
  std::vector<std::string> external_ip_namespaces;      // Namespaces whose Services may choose an address; empty: all

  // Labels: the first key with a non-empty value counts.
  std::vector<std::string> network_label = {"name"};
  std::vector<std::string> service_label = {"uses"};

  // Access besides the `uses` of Pods.
  std::vector<ClusterService> cluster_service;
  std::vector<std::string> namespace_service = {"default"};  // tiers
  std::vector<std::string> global_network;                   // fq names
  Pattern global_connect_include = Pattern::everything();    // searched for in "namespace/network"
  Pattern global_connect_exclude;                            // has precedence over include; matches nothing by default
  std::map<std::string, ExternalService> external_service;   // by tier

  // Pace and safety.
  std::chrono::milliseconds batch_window{20};
  std::chrono::milliseconds audit_interval{60'000};
  int watched_audit_factor = 10;  // of that interval, while the notifications of the config API arrive
  std::chrono::milliseconds orphan_grace{600'000};
  int mass_delete_confirm = 10;           // more deletions of a kind than this must be confirmed by a second list ...
  int mass_delete_limit = 100;            // ... and more than this by a person,
  double mass_delete_fraction = 1.0 / 3;  // each only if they are also more than this part of the known objects
  std::chrono::milliseconds relist_interval{3'600'000};    // between complete lists that verify the watches
  std::chrono::milliseconds watch_silence_limit{120'000};  // without any event or bookmark of a watch: not ready
  bool read_only = false;
  bool allow_mass_delete = false;  // this and the next only from the command line: a decision for one start
  bool take_over = false;

  // Leader election: of several instances only the leader writes.
  bool leader_election = false;
  std::string lease_name = "kube-network-manager";
  std::string lease_namespace;  // empty: that of the Pod, else kube-system
  std::chrono::milliseconds lease_duration{15'000};
  std::chrono::milliseconds lease_renew_deadline{10'000};
  std::chrono::milliseconds lease_retry_period{2'000};

  // This program.
  ListenAddress listen_http{"", 9402};
  ListenAddress listen_state{"localhost", 9403};  // /state, which names every Pod and address
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace knm
