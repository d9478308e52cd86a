#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// The owner of an address: each UID has one for each family. For a Pod it is also the name of its reservation.
std::string share_of(std::string_view uid, contrail::Family family);

// The name of the network of a pod tier in its Namespace's project: the tier's, unless that is reserved there. A Pod's
// label could equal the name of a service network, and the config API would orphan a child named default-<type> when
// its parent is deleted; labels cannot start with '_', so nothing can collide.
std::string pod_network_name(std::string_view tier);

// The fully qualified names of the objects of a cluster (docs/object-model.md, "Objects"). With `cluster-name` set,
// projects, addresses and global policies contain it, so that several clusters share one config API.
class Names {
 public:
  explicit Names(const Settings& settings);

  contrail::FqName project(std::string_view ns) const;
  // The Namespace of a project; nullopt: project() does not return such a name.
  std::optional<std::string> namespace_of(const contrail::FqName& project) const;
  // The Namespace of an owned object, as far as its name contains it: that of its project, or at the beginning of the
  // name of an address (`<ns>_<name>`). Empty: the name does not contain it.
  std::string_view namespace_in(contrail::Type type, std::string_view name) const;
  contrail::FqName pod_network(std::string_view ns, std::string_view tier) const;
  contrail::FqName service_network(std::string_view ns, std::string_view tier) const;
  contrail::FqName access_policy(std::string_view ns, std::string_view tier) const;
  // The policy of a global network, in that network's project, or in the default project if the network is in another
  // domain.
  contrail::FqName global_policy(const contrail::FqName& network) const;
  // The networks whose policy would have the same name as that of an earlier network.
  std::vector<contrail::FqName> colliding(const std::vector<contrail::FqName>& global_networks) const;
  contrail::FqName interface(std::string_view ns, std::string_view pod) const;
  // The instance-ip of a Pod on its network; instance-ips have no parent, so the name contains the Namespace.
  contrail::FqName address_use(std::string_view ns, std::string_view pod, contrail::Family family) const;
  // The instance-ip that reserves a Pod's address in the cluster.
  static contrail::FqName address_allocation(std::string_view pod_uid, contrail::Family family);
  // A floating IP of a Service in the pool of its tier. `second`: the Service has another ClusterIP before this one.
  contrail::FqName cluster_address(std::string_view ns, std::string_view tier, std::string_view service,
                                   contrail::Family family, bool second) const;
  // A floating IP of a Service in the public pool. `short_name`: the name lacks the address.
  contrail::FqName public_address(std::string_view ns, std::string_view service, const contrail::IpAddress& address,
                                  bool short_name) const;

  // The pool of a network has the network's own last name.
  static contrail::FqName pool(const contrail::FqName& network);

  const contrail::FqName& allocation_network() const { return allocation_network_; }
  const contrail::FqName& public_network() const { return public_network_; }
  const contrail::FqName& default_project() const { return default_project_; }
  // A project that the controller uses and never creates: the default one, and that of the public network.
  bool is_shared_project(std::string_view name) const {
    return name == default_project_ || name == contrail::parent_of(public_network_);
  }
  // The ipam of all owned subnets.
  static const contrail::FqName& ipam();
  // Except those on a foreign public network, which are under this one.
  contrail::FqName public_ipam() const;

 private:
  std::string prefixed(std::string_view name) const;  // "<cluster>_<name>", or the name

  std::string domain_;
  std::string cluster_;
  contrail::FqName default_project_, allocation_network_, public_network_;
};

}  // namespace knm
