#include "contrail-client/rest/foreign_answer.hpp"

#include <algorithm>
#include <string_view>

#include "base/cut.hpp"
#include "contrail-client/error.hpp"

namespace contrail {
namespace {

constexpr int absent = 404;
constexpr std::string_view blanks = " \t\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Whether `text` begins with `prefix`, which is in lower case.
bool begins(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                    [](char want, char found) { return want == lower(found); });
}

bool is_page(std::string_view body) {
  const auto first = body.find_first_not_of(blanks);
  if (first == std::string_view::npos) return false;
  body.remove_prefix(first);
  return begins(body, "<!doctype") || begins(body, "<html") || begins(body, "<head") || begins(body, "<body") ||
         begins(body, "<?xml") || begins(body, "<!--");
}

bool is_blank(std::string_view body) { return body.find_first_not_of(blanks) == std::string_view::npos; }

bool is_redirect(int status) { return status / 100 == 3 && status != 304; }

// Whether an HTML page with this status says what the same status of the config API says.
bool says_the_same(int status) {
  for (const int same : {401, 403, 408, 412, 413, 429})
    if (status == same) return true;
  return status >= 500;
}

// The end of the element that begins at `at` with this opening tag; npos: another element, or no end.
std::size_t end_of_element(std::string_view text, std::size_t at, std::string_view tag, std::string_view closing) {
  if (!begins(text.substr(at), tag)) return std::string_view::npos;
  for (auto from = at; from < text.size(); ++from)
    if (begins(text.substr(from), closing)) return from + closing.size() - 1;
  return text.size();
}

Error foreign(int status, std::string_view what, std::string_view body) {
  constexpr std::size_t limit = 100;
  const auto text = page_text(std::string(body));
  std::string why = "HTTP " + std::to_string(status) + std::string(what);
  if (!text.empty()) why += " (\"" + std::string(base::cut(text, limit)) + "\")";
  return Error{errc::foreign_answer, why +
                                         ", is not an answer of the config API; check the address, the port, and what "
                                         "is between this program and the config API"};
}

}  // namespace

Error foreign_page(int status, std::string_view body) {
  return foreign(status, is_redirect(status) ? ", a redirect" : " with an HTML page", body);
}

Error foreign_text(int status, std::string_view body) { return foreign(status, "", body); }

std::optional<Error> foreign_answer(const Response& response, std::string_view content_type) {
  const int status = response.status;
  if (is_redirect(status) || (is_page(response.body) && !says_the_same(status)))
    return foreign_page(status, response.body);
  if (status == absent && (is_blank(response.body) || !begins(content_type, "text/html")))
    return foreign_text(status, response.body);
  return std::nullopt;
}

std::string page_text(std::string body) {
  if (!is_page(body)) return body;
  std::string out;
  bool blank = false;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '<') {
      auto end = end_of_element(body, at, "<style", "</style>");
      if (end == std::string::npos) end = end_of_element(body, at, "<script", "</script>");
      if (end == std::string::npos) end = body.find('>', at);
      at = std::min(end, body.size());
      blank = true;
    } else if (blanks.find(body[at]) != std::string_view::npos) {
      blank = true;
    } else {
      if (blank && !out.empty()) out += ' ';
      blank = false;
      out += body[at];
    }
  }
  return out;
}

}  // namespace contrail
