#pragma once

#include <map>
#include <string>
#include <string_view>

#include "contrail-client/types.hpp"

// Derived ids and owner annotations: which cluster made an object, and for which Kubernetes object. Both formats
// outlive this program: docs/formats.md, with test vectors.
namespace knm {

// uuid v5 of "<type> <owner uid> <what>": the owner uid is that of the Namespace, Pod or Service, and empty for shared
// objects; `what` is the fq_name, the role and family of a Pod's object, or the address of a floating IP.
contrail::Uuid derived_uuid(contrail::Type type, std::string_view owner_uid, std::string_view what);
contrail::Uuid subnet_uuid(const contrail::Uuid& network, const contrail::Cidr& cidr);
contrail::Uuid rule_uuid(const contrail::FqName& policy, const contrail::FqName& source,
                         const contrail::FqName& destination);
// The uuid in a Kubernetes UID, or one derived from it if the UID is not a uuid (the API does not promise one).
contrail::Uuid uuid_of_uid(std::string_view uid);
// "02:" and the first five bytes of the interface's uuid, as the config API itself would choose.
std::string mac_of(const contrail::Uuid& interface);

// The keys of owner annotations.
inline constexpr std::string_view annotation_prefix = "opencontrail.org/";
inline constexpr std::string_view annotation_owner = "opencontrail.org/owner";
inline constexpr std::string_view annotation_kind = "opencontrail.org/kind";
inline constexpr std::string_view annotation_uid = "opencontrail.org/uid";
inline constexpr std::string_view annotation_object = "opencontrail.org/object";
// The kind of the policy of a global network.
inline constexpr std::string_view kind_global_policy = "GlobalPolicy";
inline constexpr std::string_view annotation_user_prefix = "opencontrail.org/user.";
// The owner of the objects that all clusters of a config API share.
inline constexpr std::string_view shared_owner = "shared";

// The owner of all objects of one cluster: "<cluster-name>/<UID of kube-system>", with "kubernetes" if no name is
// configured.
std::string owner_of(std::string_view cluster_name, std::string_view kube_system_uid);

std::map<std::string, std::string> mark(std::string_view owner, std::string_view kind, std::string_view uid,
                                        std::string_view object);
// The owner annotations of a shared object: with one key for each cluster that uses it.
std::map<std::string, std::string> shared_annotation(std::string_view owner, std::string_view kind,
                                                     std::string_view object);

// The key of one cluster.
std::string user_key(std::string_view owner);

// The owner UID digest: distinguishes objects that were made for several Kubernetes objects of one name.
std::uint64_t identity_of(std::string_view uid);
// The value of a key; empty: there is none.
std::string text_of(const std::map<std::string, std::string>& annotations, std::string_view key);

enum class Ownership : std::uint8_t { unowned, owned, shared, foreign };
Ownership ownership(const std::map<std::string, std::string>& annotations, std::string_view owner);

}  // namespace knm
