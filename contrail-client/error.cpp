#include "contrail-client/error.hpp"

#include "base/error_category.hpp"

namespace contrail {

const boost::system::error_category& error_category() {
  static constexpr base::ErrorText<errc> texts[] = {
      {errc::not_json, "the answer is not JSON"},
      {errc::wrong_shape, "the answer does not have the form of the config API"},
      {errc::too_large, "the answer is too large"},
      {errc::foreign_answer, "the answer is not of the config API"},
      {errc::login_refused, "the login is refused"},
      {errc::no_token, "there is no token"},
      {errc::token_refused, "the token is refused"},
      {errc::no_token_yet, "there is no token yet"},
      {errc::ended, "the server has ended its notifications"},
      {errc::server_left, "another server is used"},
      {errc::other_database, "the server has another database"},
      {errc::paused, "the server asked for a pause"},
  };
  static const base::ErrorCategory<errc> category("contrail", texts);
  return category;
}

}  // namespace contrail
