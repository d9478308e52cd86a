#include "controller/serve/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace knm {
namespace {

using testing::HasSubstr;

Routes some_routes() {
  Routes routes;
  routes.add("/state", "the state of the controller",
             [] { return HttpReply{.content_type = "application/json", .body = "{}"}; });
  routes.add("/echo", "its query", [](const HttpRequest& request) {
    std::string body;
    for (const auto& [key, value] : request.query) body += key + "=" + value + ";";
    return HttpReply{.body = body};
  });
  routes.add("/broken", "throws", []() -> HttpReply { throw std::runtime_error("secret of the inside"); });
  return routes;
}

TEST(Routes, AnswersByPath) {
  const auto reply = some_routes().answer("GET", "/state");
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(some_routes().answer("HEAD", "/state").body, "{}") << "the caller omits the body";
}

TEST(Routes, DecodesTheQuery) {
  EXPECT_EQ(some_routes().answer("GET", "/echo?a=1&verbose&b=x%20y&a=2").body, "a=1;verbose=;b=x y;a=2;");
  EXPECT_EQ(some_routes().answer("GET", "http://localhost:9402/echo?a=1").body, "a=1;")
      << "the form that a proxy sends";
  EXPECT_EQ(some_routes().answer("GET", "/%73tate").status, 200U);
}

TEST(Routes, AnUnknownPathIsAnsweredWithTheKnownOnes) {
  const auto reply = some_routes().answer("GET", "/metrcis");
  EXPECT_EQ(reply.status, 404U);
  EXPECT_THAT(reply.body, HasSubstr("/metrcis"));
  EXPECT_THAT(reply.body, HasSubstr("  /state   the state of the controller\n"));
  EXPECT_EQ(some_routes().answer("GET", "/").status, 404U);
  EXPECT_EQ(some_routes().answer("POST", "/nowhere").status, 404U);
}

TEST(Routes, OnlyReadsAreAllowed) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", ""}) {
    const auto reply = some_routes().answer(method, "/state");
    EXPECT_EQ(reply.status, 405U) << method;
    EXPECT_EQ(reply.allow, "GET, HEAD");
  }
}

TEST(Routes, InvalidTargetsAreRefused) {
  for (const auto* target : {"", "*", "state", "/a b", "/%zz", "/\x01"}) {
    EXPECT_EQ(some_routes().answer("GET", target).status, 400U) << target;
  }
}

TEST(Routes, AnExceptionIsAnErrorWithoutDetails) {
  const auto reply = some_routes().answer("GET", "/broken");
  EXPECT_EQ(reply.status, 500U);
  EXPECT_THAT(reply.body, testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace knm
