#pragma once

#include <string>
#include <vector>

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/core/database.hpp"
#include "tests/config-api/core/refusal.hpp"
#include "tests/config-api/core/render.hpp"
#include "tests/config-api/core/target.hpp"

namespace standin {

/// What GET /watch asks for.
struct WatchQuery {
  struct Watched {
    TypeIndex type;
    View view;
  };
  std::vector<Watched> types;  // in the order of the query
};

/// 400 without types, 404 for one that is unknown.
Outcome<WatchQuery> read_watch_query(const Target& target);

/// "event: init" with the list of one of the types.
std::string init_event(const Database& database, const WatchQuery::Watched& watched);

/// The event about a change, with the object as it is now; empty: its type is not watched.
std::string change_event(const Database& database, const WatchQuery& query, const Change& change);

}  // namespace standin
