#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "controller/cni/core/network_config.hpp"
#include "controller/model/pod_state.hpp"

namespace knm::cni {

// Waits for the annotation of a Pod, at most `config.time_limit`, and returns it once judge() accepts it. Lists and
// watches this one Pod (field selector metadata.name): the Node authorizer allows that for Pods of the node only
// (https://kubernetes.io/docs/reference/access-authn-authz/node/). errc::try_again says what the plugin waited for;
// errc::bad_config: the kubeconfig cannot be used.
boost::asio::awaitable<base::Result<PodState>> await_pod_state(NetworkConfig config, PodRef pod);

// Whether the API server answers the kubeconfig's user; the error says why not.
boost::asio::awaitable<base::Result<void>> check_api_server(NetworkConfig config);

}  // namespace knm::cni
