#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "contrail-client/ip.hpp"
#include "controller/config/pattern.hpp"
#include "controller/log/level.hpp"

// The configuration of the controller as one value. controller/config/keys.cpp holds the names, meanings and defaults
// as users see them (docs/configuration.md is generated from there); a test keeps both in step.
namespace knm {

// A tier whose Services every pod of the cluster may reach: `namespace/tier`.
struct ClusterService {
  std::string namespace_name;
  std::string tier;
  friend auto operator<=>(const ClusterService&, const ClusterService&) = default;
};

// A network outside of the cluster that pods reach by naming it in their `uses`.
struct ExternalService {
  std::string network;                  // fq name, domain:project:network
  std::vector<std::string> namespaces;  // who may use it; empty: every namespace
  friend bool operator==(const ExternalService&, const ExternalService&) = default;
};

// Where to listen. An empty host: all addresses, IPv6 and IPv4. Port 0: a free one, chosen by the kernel.
struct ListenAddress {
  std::string host;  // an address without brackets, or "localhost"
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

struct Settings {
  // Where the objects go. fq names are joined by ':'.
  std::string default_domain = "default-domain";
  std::string default_project = "default-domain:default-project";
  std::string cluster_name;  // a DNS label; empty: none, the names are those of a single cluster

  // The config API.
  std::vector<std::string> api_server = {"localhost"};  // host names or addresses (IPv6 without brackets)
  std::uint16_t api_port = 8082;
  int connections = 8;
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds retry_delay{200};         // before the first retry of one object; doubles each time
  std::chrono::milliseconds retry_delay_max{30'000};  // where the doubling ends
  int policy_size_limit = 900'000;                    // bytes that the rules of one policy may take

  // Addresses. Ranges never overlap each other; most have one range per family.
  std::string public_network = "default-domain:default-project:Public";
  std::vector<contrail::Cidr> public_ip_range;  // empty: no public network
  std::vector<contrail::Cidr> private_ip_range = {{contrail::IpAddress::v4(0x0a000000), 16}};          // 10.0.0.0/16
  std::vector<contrail::Cidr> service_cluster_ip_range = {{contrail::IpAddress::v4(0x0afe0000), 16}};  // 10.254.0.0/16
  std::chrono::milliseconds address_cool_down{60'000};  // how long a pod's freed address is not given out again
  std::string load_balancer_class;                      // empty: no class is ours
  bool load_balancer_default = true;                    // LoadBalancer Services without a class are ours
  int public_address_limit = 32;                        // addresses of public_ip_range that one Namespace may have
  std::vector<std::string> external_ip_namespaces;      // Namespaces whose Services may choose an address; empty: all

  // Labels: the first key with a non-empty value counts.
  std::vector<std::string> network_label = {"name"};
  std::vector<std::string> service_label = {"uses"};

  // Who is reached by whom besides what pods ask for.
  std::vector<ClusterService> cluster_service;
  std::vector<std::string> namespace_service = {"default"};  // tiers
  std::vector<std::string> global_network;                   // fq names
  Pattern global_connect_include = Pattern::everything();    // searched for in "namespace/network"
  Pattern global_connect_exclude;                            // wins over include; matches nothing by default
  std::map<std::string, ExternalService> external_service;   // by tier

  // Pace and safety.
  std::chrono::milliseconds batch_window{20};
  std::chrono::milliseconds audit_interval{60'000};
  std::chrono::milliseconds orphan_grace{600'000};
  int mass_delete_confirm = 10;           // more deletions of a kind than this are confirmed by a second list ...
  int mass_delete_limit = 100;            // ... and more than this wait for a person,
  double mass_delete_fraction = 1.0 / 3;  // each only if they are also more than this part of those that are there
  std::chrono::milliseconds relist_interval{3'600'000};    // between lists of everything that prove the watches
  std::chrono::milliseconds watch_silence_limit{120'000};  // without any sign of life of a watch: not ready
  bool read_only = false;
  bool allow_mass_delete = false;  // this and the next by the command line alone: each is a decision about one start
  bool take_over = false;

  // This program.
  ListenAddress listen_http{"", 9402};
  ListenAddress listen_state{"localhost", 9403};  // /state, which names every Pod and address
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace knm
