#pragma once

#include <optional>
#include <string>

#include "contrail-client/codec.hpp"

namespace contrail {

// Which database is behind a server of the config API: the uuid of `default-domain`, which each database draws at
// random when it is made. All servers must have the first one that is seen. Pure.
//
// A server that came back empty, and one of another installation, have another uuid: what such a server answers says
// nothing of our objects, and above all not that they are gone.
class DatabaseIdentity {
 public:
  // The request that asks a server.
  static Request question();

  // What its answer means. An error: errc::other_database, or errc::foreign_answer if no config API wrote it. A server
  // that refuses to tell (403) is not compared.
  std::optional<Error> compare(const Response& answer, const std::string& server);

  // Whether an answer with this status says nothing of the database, and the same of any other request: a login, an
  // overloaded or an unavailable server.
  static bool is_about_server(int status) { return status == 401 || status == 408 || status == 429 || status >= 500; }

  // Why the last server that was compared is not used; empty: it has the database, or does not
  // tell.
  const std::string& fault() const { return fault_; }

 private:
  std::optional<Uuid> known_;
  std::string fault_;
};

}  // namespace contrail
