#include "contrail-client/rest/database_identity.hpp"

#include "contrail-client/error.hpp"
#include "contrail-client/rest/foreign_answer.hpp"

namespace contrail {
namespace {

constexpr int answered = 200, forbidden = 403;

}  // namespace

Request DatabaseIdentity::question() {
  return {.method = "POST", .target = "/fqname-to-id", .body = R"({"type":"domain","fq_name":["default-domain"]})"};
}

std::optional<Error> DatabaseIdentity::compare(const Response& answer, const std::string& server) {
  if (answer.status == forbidden) {
    fault_.clear();
    return std::nullopt;
  }
  const auto found = parse_id(answer.body);
  if (answer.status != answered || !found) return foreign_text(answer.status, answer.body);
  if (!known_) known_ = *found;
  if (*known_ == *found) {
    fault_.clear();
    return std::nullopt;
  }
  fault_ = "the config API " + server + " has another database than before (default-domain is " + found->text() +
           ", and was " + known_->text() +
           "): it came back empty, or belongs to another installation; nothing is written to it or read from it. "
           "Remove it from the servers, or restart this program if the database was replaced on purpose";
  return Error{errc::other_database, fault_};
}

}  // namespace contrail
