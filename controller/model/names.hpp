#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// Who has an address of a family: each UID has one share of each. Of a Pod it is the name of its allocation, too.
std::string share_of(std::string_view uid, contrail::Family family);

// The name that the network of a pod tier has in its Namespace's project: the tier's, unless that is reserved there. A
// service network's name could be meant by a Pod's label, and a child named default-<type> would be orphaned by the
// config API when its parent is deleted; labels cannot start with '_', so nothing can collide.
std::string pod_network_name(std::string_view tier);

// The fully qualified names of what is made of a cluster (docs/object-model.md, "Objects").
// With `cluster-name` set, projects, addresses and global policies carry it, so that several clusters share one config
// API.
class Names {
 public:
  explicit Names(const Settings& settings);

  contrail::FqName project(std::string_view ns) const;
  // The namespace that a project of this name is made for; nullopt where project() gives no such name.
  std::optional<std::string> namespace_of(const contrail::FqName& project) const;
  // The namespace that an object of ours is made for, as far as its name says: of its project, or at the beginning of
  // the name of an address (`<ns>_<name>`). Empty: it does not say.
  std::string_view namespace_in(contrail::Type type, std::string_view name) const;
  contrail::FqName pod_network(std::string_view ns, std::string_view tier) const;
  contrail::FqName service_network(std::string_view ns, std::string_view tier) const;
  contrail::FqName access_policy(std::string_view ns, std::string_view tier) const;
  // The policy of a global network, in that network's project, or in the default one where the network is in another
  // domain.
  contrail::FqName global_policy(const contrail::FqName& network) const;
  // Those whose policy would have the name of an earlier one's.
  std::vector<contrail::FqName> colliding(const std::vector<contrail::FqName>& global_networks) const;
  contrail::FqName interface(std::string_view ns, std::string_view pod) const;
  // The instance-ip that puts a pod's address to use on its network; they have no parent, so the name holds the
  // namespace.
  contrail::FqName address_use(std::string_view ns, std::string_view pod, contrail::Family family) const;
  // The instance-ip that reserves a pod's address in the cluster.
  static contrail::FqName address_allocation(std::string_view pod_uid, contrail::Family family);
  // A floating IP of a Service in the pool of its tier. `second`: the Service has another ClusterIP before this one.
  contrail::FqName cluster_address(std::string_view ns, std::string_view tier, std::string_view service,
                                   contrail::Family family, bool second) const;
  // A floating IP of a Service in the public pool. `short_name`: the one that goes without the address in its name.
  contrail::FqName public_address(std::string_view ns, std::string_view service, const contrail::IpAddress& address,
                                  bool short_name) const;

  // The pool of a network has the network's own last name.
  static contrail::FqName pool(const contrail::FqName& network);

  const contrail::FqName& allocation_network() const { return allocation_network_; }
  const contrail::FqName& public_network() const { return public_network_; }
  const contrail::FqName& default_project() const { return default_project_; }
  // A project that we use and never make: the default one, and that of the public network.
  bool is_shared_project(std::string_view name) const {
    return name == default_project_ || name == contrail::parent_of(public_network_);
  }
  // The ipam that every subnet of ours is under.
  static const contrail::FqName& ipam();
  // But for those on a public network that is not ours: this one is.
  contrail::FqName public_ipam() const;

 private:
  std::string prefixed(std::string_view name) const;  // "<cluster>_<name>", or the name

  std::string domain_;
  std::string cluster_;
  contrail::FqName default_project_, allocation_network_, public_network_;
};

}  // namespace knm
