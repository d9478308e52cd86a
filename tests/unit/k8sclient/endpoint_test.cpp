#include "net/endpoint.hpp"

#include <gtest/gtest.h>

#include "net/errc.hpp"
#include "net/http.hpp"

namespace net {
namespace {

TEST(Endpoint, ParsesNamesAddressesAndDefaultPorts) {
  EXPECT_EQ(parse_endpoint("https://example.org").value(), (Endpoint{true, "example.org", 443, ""}));
  EXPECT_EQ(parse_endpoint("http://10.0.0.1").value(), (Endpoint{false, "10.0.0.1", 80, ""}));
  EXPECT_EQ(parse_endpoint("https://[::1]:6443/a/b/").value(), (Endpoint{true, "::1", 6443, "/a/b"}));
  EXPECT_EQ(parse_endpoint("HTTPS://h:8443/").value(), (Endpoint{true, "h", 8443, ""}));
}

TEST(Endpoint, WritesTheHostField) {
  EXPECT_EQ(parse_endpoint("https://[::1]:6443").value().authority(), "[::1]:6443");
  EXPECT_EQ(parse_endpoint("https://[::1]").value().authority(), "[::1]");
  EXPECT_EQ(parse_endpoint("http://h:443").value().authority(), "h:443");
  EXPECT_EQ(parse_endpoint("https://h:443/x").value().url(), "https://h/x");
}

TEST(Endpoint, RefusesAnInvalidUrlWithTheReason) {
  const struct {
    const char* url;
    const char* says;
  } cases[] = {
      {"", "https://host:port"},   {"localhost:6443", "scheme"},     {"//h", "https://host:port"},
      {"ftp://h", "scheme"},       {"https://", "has no host"},      {"https://h:0", "1 to 65535"},
      {"https://h:99999", "port"}, {"https://h:x", "https://host"},  {"https://h/?q=1", "'?'"},
      {"https://h#f", "'#'"},      {"https://[::1", "https://host"}, {"https://a b", "https://host"},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_endpoint(c.url);
    ASSERT_FALSE(parsed) << c.url;
    EXPECT_EQ(parsed.error().code, errc::bad_url) << c.url;
    EXPECT_NE(parsed.error().message.find(c.says), std::string::npos) << c.url << " -> " << parsed.error().message;
  }
}

TEST(Endpoint, NeverShowsAPassword) {
  for (const char* url : {"https://me:s3cret@h", "me:s3cret@h", "https://s3cret@h:1/x"}) {
    const auto parsed = parse_endpoint(url);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message.find("s3cret"), std::string::npos);
  }
}

TEST(Http, FindsHeadersIgnoringCaseAndEncodesTargets) {
  const Headers headers{{"Content-Type", "a"}, {"retry-after", "3"}};
  EXPECT_EQ(*find_header(headers, "content-type"), "a");
  EXPECT_EQ(*find_header(headers, "Retry-After"), "3");
  EXPECT_EQ(find_header(headers, "none"), nullptr);
  EXPECT_EQ(percent_encode("a b/c?d=é"), "a%20b%2Fc%3Fd%3D%C3%A9");
}

}  // namespace
}  // namespace net
