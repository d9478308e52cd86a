#pragma once

#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "contrail-client/rest/database_identity.hpp"
#include "controller/config/settings.hpp"
#include "controller/run/config_access.hpp"
#include "k8sclient/client/client.hpp"

// What `config validate --connect` tries. Nothing is written.
namespace knm {

// One line: what was tried, and what came of it.
struct Check {
  std::string subject;  // "config API https://10.0.0.11:8082"
  bool good = false;
  std::string found;  // with the way out, if it is not good
};

// The API server, and each permission that the controller needs there, with those for the Lease in this namespace.
boost::asio::awaitable<std::vector<Check>> check_kubernetes(k8s::Client& client, const Settings& settings,
                                                            const std::string& lease_namespace);

// A token of Keystone; empty: the login needs none.
boost::asio::awaitable<std::vector<Check>> check_keystone(const Settings& settings, contrail::Access& access);

// One server of the config API: TLS, the login, whether it has the database of the servers before it, and whether each
// type may be read. `parts` as they are used by `run`; the server is the one with this index.
boost::asio::awaitable<std::vector<Check>> check_config_api(boost::asio::any_io_executor executor,
                                                            const Settings& settings, const ConfigClientParts& parts,
                                                            std::size_t server, contrail::DatabaseIdentity& identity);

}  // namespace knm
