#pragma once

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/core/database.hpp"

namespace standin {

/// A server as it is after its first start.
Database first_database(std::uint64_t seed);

/// Finds what a request is about, executes and answers it.
Response route(Database& database, const Request& request);

/// The answer of GET /: a link to each collection, type and action.
std::string homepage(const std::string& base_url);

}  // namespace standin
