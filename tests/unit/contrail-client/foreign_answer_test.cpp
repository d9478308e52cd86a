#include "contrail-client/rest/foreign_answer.hpp"

#include <gtest/gtest.h>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/pause.hpp"

namespace contrail {
namespace {

using namespace std::chrono_literals;

const std::string html = "text/html; charset=UTF-8";
const std::string page = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>nginx</body></html>";

TEST(ForeignAnswer, AnswersOfTheConfigApiAreNone) {
  const Response answers[] = {{200, R"({"project": {}})"},
                              {200, ""},
                              {404, "No project object found for id b0000039"},
                              {400, "Invalid <b>: html is here"},
                              {409, "<name> already exists with uuid: b0000039"},
                              {412, page},
                              {413, page},
                              {500, page},
                              {304, ""}};
  for (const auto& answer : answers) EXPECT_FALSE(foreign_answer(answer, "text/html; charset=UTF-8")) << answer.status;
}

// Their meaning does not depend on who sends them.
TEST(ForeignAnswer, PagesAboutTheSenderOrTheServerAreNone) {
  for (const int status : {401, 403, 408, 429, 502, 503, 504})
    EXPECT_FALSE(foreign_answer({status, page}, html)) << status;
}

TEST(ForeignAnswer, APageThatWouldSpeakOfTheObjectIsOne) {
  for (const int status : {200, 202, 400, 404, 405, 409, 410}) {
    const auto error = foreign_answer({status, "\r\n " + page}, html);
    ASSERT_TRUE(error) << status;
    EXPECT_EQ(error->code, make_error_code(errc::foreign_answer));
    EXPECT_NE(error->message.find("HTTP " + std::to_string(status)), std::string::npos) << error->message;
    EXPECT_NE(error->message.find("\"404 Not Found nginx\""), std::string::npos) << error->message;
  }
}

TEST(ForeignAnswer, ARedirectIsOne) {
  for (const int status : {301, 302, 307, 308}) EXPECT_TRUE(foreign_answer({status, ""}, html)) << status;
}

// What gateways say of a path that they have no server for. An object must not be forgotten for that.
TEST(ForeignAnswer, APlain404OfAGatewayIsOne) {
  const std::pair<std::string, std::string> answers[] = {
      {"404 page not found\n", "text/plain; charset=utf-8"},                                       // Go, Traefik
      {"default backend - 404", "text/plain; charset=utf-8"},                                      // ingress-nginx
      {R"({"message":"no Route matched with those values"})", "application/json; charset=utf-8"},  // Kong
      {"", ""},                                                                                    // Envoy
      {" \r\n", html},
  };
  for (const auto& [body, type] : answers) {
    const auto error = foreign_answer({404, body}, type);
    ASSERT_TRUE(error) << body;
    EXPECT_EQ(error->code, make_error_code(errc::foreign_answer));
  }
}

TEST(PageText, IsTheTextWithoutMarkup) {
  EXPECT_EQ(page_text("plain <b> text"), "plain <b> text");
  EXPECT_EQ(page_text("<html><style>p {x}</style><h1>Error:\n  412</h1><p>quota <i>5</i></p><SCRIPT>a</SCRIPT></html>"),
            "Error: 412 quota 5");
  EXPECT_EQ(page_text("<html><style>never closed"), "");
  EXPECT_EQ(page_text("<html><b"), "");
  EXPECT_EQ(page_text(""), "");
}

TEST(PauseAfter, TakesSecondsOfAnOverloadedServer) {
  const auto asks = [](int status, const std::string& value) { return pause_after(status, {{"retry-after", value}}); };
  EXPECT_EQ(asks(429, "7"), 7s);
  EXPECT_EQ(asks(503, "7"), 7s);
  EXPECT_EQ(asks(503, "86400"), longest_pause);
  EXPECT_EQ(asks(503, "99999999999999999999"), longest_pause);
  for (const char* other : {"", "0", "-1", "7s", "Fri, 31 Dec 1999 23:59:59 GMT"})
    EXPECT_EQ(asks(503, other), std::nullopt) << other;
  EXPECT_EQ(asks(502, "7"), 7s);
  EXPECT_EQ(asks(504, "7"), 7s);
  EXPECT_EQ(asks(500, "7"), std::nullopt);
  EXPECT_EQ(asks(200, "7"), std::nullopt);
  EXPECT_EQ(pause_after(503, {}), std::nullopt);
}

TEST(PauseAfter, TakesADateByTheServersClock) {
  const auto asks = [](const std::string& date) {
    return pause_after(503, {{"Date", "Fri, 31 Dec 1999 23:59:50 GMT"}, {"Retry-After", date}});
  };
  EXPECT_EQ(asks("Sat, 01 Jan 2000 00:00:05 GMT"), 15s);
  EXPECT_EQ(asks("Sun, 02 Jan 2000 00:00:00 GMT"), longest_pause);
  for (const char* other : {"Fri, 31 Dec 1999 23:59:50 GMT", "Fri, 31 Dec 1999 23:59:00 GMT", "Sat, 01 Jan 2000",
                            "Sat, 01 Jan 2000 00:00:05 GMT and more", "2000-01-01T00:00:05Z"})
    EXPECT_EQ(asks(other), std::nullopt) << other;
  EXPECT_EQ(pause_after(503, {{"Date", "now"}, {"Retry-After", "Sat, 01 Jan 2000 00:00:05 GMT"}}), std::nullopt);
}

}  // namespace
}  // namespace contrail
