// HTTP responses that are cut at every place: the result is the same, and no assertion of the underlying parser fails.
#include "net/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <boost/beast/http/error.hpp>

namespace net {
namespace {

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Read {
  bool done = false;
  std::string body;
  std::string error;
  friend bool operator==(const Read&, const Read&) = default;
};

std::ostream& operator<<(std::ostream& out, const Read& read) {
  return out << (read.done ? "done" : "not done") << ", body '" << read.body << "', error '" << read.error << "'";
}

// Reads as a connection does: unused bytes are passed again together with the following ones.
Read read(const std::vector<std::string>& pieces) {
  Read out;
  const BodySink sink = [&out](std::string_view bytes) -> base::Result<void> {
    out.body += bytes;
    return {};
  };
  ResponseParser parser;
  parser.body_limit(boost::none);
  std::string buffer;
  boost::system::error_code ec;
  for (const auto& piece : pieces) {
    buffer += piece;
    while (!ec && !parser.is_done()) {
      const auto used = parser.feed(buffer, ec);
      buffer.erase(0, used);
      const bool in_header = !parser.eager();
      if (parser.is_header_done() && in_header) {
        parser.eager(true);
        parser.sink = &sink;
      } else if (used == 0 || buffer.empty()) {
        break;
      }
    }
  }
  out.done = parser.is_done();
  if (ec) out.error = ec.message();
  return out;
}

std::vector<std::string> bytes_of(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) out.emplace_back(1, c);
  return out;
}

const std::string messages[] = {
    chunked + "0\r\n\r\n",
    chunked + "00\r\n\r\n",
    chunked + "0;last\r\n\r\n",
    chunked + "0\r\nTrailer: x\r\n\r\n",
    chunked + "0\r\nA: b\r\n c\r\nD:\r\n\r\n",
    chunked + "5\r\n00000\r\n0\r\n\r\n",
    chunked + "1\r\n0\r\n1\r\n0\r\n0\r\n\r\n",
    chunked + "05\r\nhello\r\n0\r\n\r\n",
    chunked + "3;a=\"b\"\r\nabc\r\n00000\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
};

TEST(ResponseParser, ReadsAnEmptyChunkedBodyInTheWorstSegments) {
  EXPECT_EQ(read({chunked, "0\r\n", "\r", "\n"}), (Read{true, "", ""}));
  EXPECT_EQ(read({chunked + "0\r\n", "\r", "\n"}), (Read{true, "", ""}));
}

TEST(ResponseParser, TheResultDoesNotDependOnTheSegments) {
  for (const auto& message : messages) {
    const auto whole = read({message});
    EXPECT_TRUE(whole.done) << message;
    EXPECT_EQ(read(bytes_of(message)), whole) << message;
    for (std::size_t a = 1; a < message.size(); ++a)
      for (std::size_t b = a; b < message.size(); ++b)
        ASSERT_EQ(read({message.substr(0, a), message.substr(a, b - a), message.substr(b)}), whole) << a << " " << b;
  }
}

// The bytes of a chunk are passed on as they arrive, even if they look like a last chunk.
TEST(ResponseParser, BytesArePassedOnImmediately) {
  EXPECT_EQ(read({chunked, "5\r\n0"}).body, "0");
  EXPECT_EQ(read({chunked, "5\r\n", "0"}).body, "0");
  EXPECT_EQ(read({chunked, "1\r\nx"}).body, "x");
  EXPECT_EQ(read({chunked, "2\r\n0", "0", "\r\n", "0"}).body, "00");
}

TEST(ResponseParser, DamagedDataIsAnErrorForAnySegments) {
  for (const std::string end : {"x\r\n", "0\r\n\rx", "0\rx", "1\r\nab", "0\r\n: x\r\n\r\n", "0\r\nA\r\n\r\n"}) {
    EXPECT_NE(read({chunked + end + "\r\n\r\n"}).error, "") << end;
    EXPECT_NE(read(bytes_of(chunked + end + "\r\n\r\n")).error, "") << end;
  }
}

}  // namespace
}  // namespace net
