#pragma once

#include <map>
#include <string>
#include <string_view>

#include "contrail-client/types.hpp"

// Who made an object, and of what: derived ids and marks. Both are a format that outlives this program:
// docs/formats.md, with vectors.
namespace knm {

// uuid v5 of "<type> <owner uid> <what>": owner is the namespace's, Pod's or Service's UID, and empty for what all
// clusters share; `what` is the fq_name, the role and family of a Pod's object, or the address of a floating IP.
contrail::Uuid derived_uuid(contrail::Type type, std::string_view owner_uid, std::string_view what);
contrail::Uuid subnet_uuid(const contrail::Uuid& network, const contrail::Cidr& cidr);
contrail::Uuid rule_uuid(const contrail::FqName& policy, const contrail::FqName& source,
                         const contrail::FqName& destination);
// The uuid that is a Kubernetes UID, or one derived from it where a UID is no uuid (the API promises none).
contrail::Uuid uuid_of_uid(std::string_view uid);
// "02:" and the first five bytes of the interface's uuid, as the config API itself would choose.
std::string mac_of(const contrail::Uuid& interface);

// The annotation keys of a mark.
inline constexpr std::string_view mark_prefix = "opencontrail.org/";
inline constexpr std::string_view mark_owner = "opencontrail.org/owner";
inline constexpr std::string_view mark_kind = "opencontrail.org/kind";
inline constexpr std::string_view mark_uid = "opencontrail.org/uid";
inline constexpr std::string_view mark_object = "opencontrail.org/object";
// The kind of the policy of a global network.
inline constexpr std::string_view kind_global_policy = "GlobalPolicy";
inline constexpr std::string_view mark_user_prefix = "opencontrail.org/user.";
// The owner of what all clusters of a config API use together.
inline constexpr std::string_view shared_owner = "shared";

// The owner of everything of one cluster: "<cluster-name>/<UID of kube-system>", with "kubernetes" where no name is
// configured.
std::string owner_of(std::string_view cluster_name, std::string_view kube_system_uid);

std::map<std::string, std::string> mark(std::string_view owner, std::string_view kind, std::string_view uid,
                                        std::string_view object);
// The mark of a shared object: with one key for each cluster that uses it.
std::map<std::string, std::string> shared_mark(std::string_view owner, std::string_view kind, std::string_view object);

// The key of one of these clusters.
std::string user_key(std::string_view owner);

// A digest of the UID in a mark: which incarnation of its Kubernetes object an object was made for.
std::uint64_t identity_of(std::string_view uid);
// The value of a key; empty where there is none.
std::string text_of(const std::map<std::string, std::string>& annotations, std::string_view key);

enum class Ownership : std::uint8_t { unmarked, ours, shared, other };
Ownership ownership(const std::map<std::string, std::string>& annotations, std::string_view owner);

}  // namespace knm
