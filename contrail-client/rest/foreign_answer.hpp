#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contrail-client/codec.hpp"

// Answers that are not about the request: pure functions.
namespace contrail {

// Why an answer is not of the config API, but of a load balancer, a proxy or another server behind its address
// (errc::foreign_answer, with an excerpt); nullopt: it may be of the config API. Without this a page with 404 would
// mean that an object is gone, and one with 400 that the request was refused. `content_type`: the field of the answer.
//
// The config API answers a success with JSON or nothing, and an error with a sentence in plain text, whose Content-Type
// is text/html all the same; only its 412 and 413 are HTML pages. It never redirects. Pages of 401, 403, 408, 429 and
// 5xx say the same from any server. A 404 is the only answer that makes an object forgotten: without a sentence, or
// with another Content-Type (text/plain and application/json are usual in gateways), it is none of the config API.
std::optional<Error> foreign_answer(const Response& response, std::string_view content_type);
// The same for a redirect or a page that is known to be one; `body`: its beginning.
Error foreign_page(int status, std::string_view body);
// The same for an answer that is known to be foreign and is no page.
Error foreign_text(int status, std::string_view body);

// The text of an HTML page in one line, without its markup, scripts and styles; another body unchanged.
std::string page_text(std::string body);

}  // namespace contrail
