#include "controller/cni/core/errc.hpp"

#include "base/error_category.hpp"

namespace knm::cni {

const boost::system::error_category& error_category() {
  static constexpr base::ErrorText<errc> texts[] = {
      {errc::bad_version, "the CNI version is not supported"},
      {errc::unknown_field, "the network configuration has an unknown key"},
      {errc::bad_environment, "a CNI_* variable is missing or not valid"},
      {errc::io_failure, "the node's network could not be read or changed"},
      {errc::undecodable, "the network configuration is not JSON"},
      {errc::bad_config, "the network configuration is not valid"},
      {errc::try_again, "the Pod's network is not ready yet"},
      {errc::not_available, "the plugin cannot attach containers now"},
      {errc::not_as_added, "the container's network is not as it was attached"},
      {errc::interface_exists, "the container has such an interface already"},
      {errc::not_served, "the Pod gets no network"},
  };
  static const base::ErrorCategory<errc> category("cni", texts);
  return category;
}

}  // namespace knm::cni
