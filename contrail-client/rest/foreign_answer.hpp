#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contrail-client/codec.hpp"

// Answers that are not about the request: pure functions.
namespace contrail {

// Why an answer is not of the config API, but of a load balancer, a proxy or another server behind its address
// (errc::foreign_answer, with an excerpt); nullopt: it may be of the config API. Without this an HTML page with 404
// would mean that an object is gone, and one with 400 that the request was refused.
//
// The config API answers a success with JSON or nothing, and an error with plain text; only its 412 and 413 are HTML
// pages. It never redirects. Pages of 401, 403, 408, 429 and 5xx say the same from any server.
std::optional<Error> foreign_answer(const Response& response);
// The same for a redirect or a page that is known to be one; `body`: its beginning.
Error foreign_page(int status, std::string_view body);

// The text of an HTML page in one line, without its markup, scripts and styles; another body unchanged.
std::string page_text(std::string body);

}  // namespace contrail
