#pragma once

#include "tests/config-api/config_api.hpp"

namespace standin {

class Server;

/// Whether the target is below /_control.
bool is_control_request(const Request& request);

/// Answers it; README.md lists the endpoints. JSON, also where it is an error: {"error": "..."}.
Response answer_control(Server& server, const Request& request);

}  // namespace standin
