#include "controller/model/provenance.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "controller/model/identity.hpp"

namespace knm {
namespace {

using contrail::Type;

struct Kind {
  Type type;
  std::string_view name;
};

// Each kind of object that the controller makes must be listed here: tests find a missing one.
constexpr std::array kinds{
    Kind{Type::project, "Namespace"},
    Kind{Type::virtual_network, "PodTier"},
    Kind{Type::virtual_network, "ServiceTier"},
    Kind{Type::floating_ip_pool, "ServicePool"},
    Kind{Type::network_policy, "AccessPolicy"},
    Kind{Type::network_policy, kind_global_policy},
    Kind{Type::virtual_machine, "Pod"},
    Kind{Type::virtual_machine_interface, "Pod"},
    Kind{Type::instance_ip, "Pod"},
    Kind{Type::floating_ip, "Service"},
    Kind{Type::network_ipam, "PublicIpam"},
};

constexpr std::array<std::string_view, 4> address_roles{"use v4", "use v6", "allocation v4", "allocation v6"};

}  // namespace

bool is_explained(Type type, std::string_view kind, std::string_view uid) {
  return !uid.empty() &&
         std::any_of(kinds.begin(), kinds.end(), [&](const Kind& one) { return one.type == type && one.name == kind; });
}

bool has_derived_uuid(const contrail::Object& object) {
  const auto uid = text_of(object.annotations, annotation_uid);
  switch (object.type) {
    case Type::project:
    case Type::virtual_machine:
      return object.uuid == uuid_of_uid(uid);
    case Type::virtual_machine_interface:
      return object.uuid == derived_uuid(object.type, uid, "interface");
    case Type::instance_ip:
      return std::any_of(address_roles.begin(), address_roles.end(),
                         [&](std::string_view role) { return object.uuid == derived_uuid(object.type, uid, role); });
    case Type::floating_ip:
      return object.address && object.uuid == derived_uuid(object.type, uid, object.address->text());
    default:
      return object.uuid == derived_uuid(object.type, uid, object.fq_name);
  }
}

}  // namespace knm
