#pragma once

#include <string>
#include <string_view>

#include "tests/config-api/core/database.hpp"

namespace standin {

std::string save_database(const Database& database);
/// @throws std::runtime_error
Database load_database(std::string_view text);
std::string dump_objects(const Database& database);

}  // namespace standin
