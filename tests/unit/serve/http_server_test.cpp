#include "controller/serve/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "tests/unit/serve/served.hpp"

// The server from the view of its clients, over the loopback interface.
namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t big = 64U << 20U;  // more than the kernel buffers for a client that does not read

Routes test_routes() {
  Routes routes;
  routes.add("/hello", "says hello", [] { return HttpReply{.body = "hello\n"}; });
  routes.add("/big", "does not fit into any buffer", [] { return HttpReply{.body = std::string(big, 'x')}; });
  return routes;
}

const std::string request = "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n";

TEST(HttpServer, AnswersGet) {
  const Served served(test_routes(), {});
  const auto answer = Client(served).get("/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
}

TEST(HttpServer, AnswersHeadWithoutTheBody) {
  const Served served(test_routes(), {});
  Client client(served);
  client.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(client.answer(true),
              testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 6\r\n")));
  EXPECT_THAT(client.get("/hello"), StartsWith("HTTP/1.1 200 OK\r\n"))
      << "the connection contains no rest of the first answer";
}

TEST(HttpServer, KeepsConnectionsOpen) {
  const Served served(test_routes(), {});
  Client client(served);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client.get("/hello"), EndsWith("hello\n"));
  client.send(request + request + request);  // pipelined
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client.answer(), EndsWith("hello\n"));
}

TEST(HttpServer, ClosesTheConnectionIfTheClientRequestsIt) {
  const Served served(test_routes(), {});
  Client client(served);
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), testing::AllOf(HasSubstr("Connection: close\r\n"), EndsWith("hello\n")));
  Client old(served);
  old.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.rest(), EndsWith("hello\n"));
}

TEST(HttpServer, AnswersUnknownPathsAndOtherMethodsWithErrors) {
  const Served served(test_routes(), {});
  Client client(served);
  EXPECT_THAT(client.get("/nothing"), testing::AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), HasSubstr("/hello")));
  client.send("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(client.answer(), testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_THAT(client.get("/hello"), EndsWith("hello\n")) << "the connection stays open";
}

TEST(HttpServer, ABodyIsNotReadAndClosesTheConnection) {
  const Served served(test_routes(), {});
  Client client(served);
  client.send("POST /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_THAT(client.rest(), testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Connection: close\r\n")));
  Client chunked(served);
  chunked.send("GET /hello HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n0\r\n\r\n");
  EXPECT_THAT(chunked.rest(), testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("hello\n")));
}

// The smallest segments of a request, including those of a body that is not read.
TEST(HttpServer, ARequestMayArriveByteByByte) {
  const Served served(test_routes(), {});
  const auto send_bytes = [](Client& client, const std::string& text) {
    for (const char c : text) client.send({&c, 1});
  };
  Client client(served);
  send_bytes(client, request + request);
  for (int i = 0; i < 2; ++i) EXPECT_THAT(client.answer(), EndsWith("hello\n"));
  Client chunked(served);
  send_bytes(chunked, "GET /hello HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(chunked.rest(), testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("hello\n")));
}

TEST(HttpServer, InvalidRequestsAreRefused) {
  const Served served(test_routes(), {});
  const std::vector<std::string> garbage = {
      "garbage\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n",  // a TLS client
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET /hello HTTP/9.9\r\n\r\n",
      "GET /hello HTTP/1.1\r\nno colon here\r\n\r\n",
      "GET /hello HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "GET /hello HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      std::string("GET /he\0llo HTTP/1.1\r\n\r\n", 24),
      "\r\n\r\n\r\n\r\n",
  };
  for (const auto& bytes : garbage) {
    Client client(served);
    client.send(bytes);
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 400 ")) << bytes;
  }
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
}

TEST(HttpServer, AHeaderThatIsTooLongIsRefused) {
  const Served served(test_routes(), {.header_bytes = 1024});
  Client client(served);
  client.send("GET /hello HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 431 "));
  Client endless(served);
  endless.send("GET /" + std::string(5'000, 'x'));
  EXPECT_THAT(endless.rest(), StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, ClientsThatDisconnectAreRemoved) {
  Served served(test_routes(), {});
  {
    const Client nothing(served);
    Client half(served);
    half.send("GET /hel");
    Client reset(served);
    reset.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
    reset.abort();
  }
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
}

TEST(HttpServer, ASlowClientIsDisconnectedAndDelaysNoOther) {
  const Served served(test_routes(), {.request_time = 100ms});
  Client slow(served);
  slow.send("GET /hello HTTP/1.1\r\nHos");
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
  EXPECT_EQ(slow.rest(), "");
}

TEST(HttpServer, AClientThatDoesNotReadItsAnswerIsDisconnected) {
  Served served(test_routes(), {.reply_time = 100ms, .stop_time = 1h});
  Client lazy(served);
  lazy.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
  served.stop();  // returns long before stop_time because the answer is abandoned
  EXPECT_LT(lazy.rest().size(), big);
}

TEST(HttpServer, ABigAnswerArrivesCompletely) {
  const Served served(test_routes(), {});
  EXPECT_GT(Client(served).get("/big").size(), big);
}

TEST(HttpServer, ManyIdleConnectionsDoNotBlockAProbe) {
  const Served served(test_routes(), {.connections = 4});
  std::deque<Client> idle;
  for (int i = 0; i < 50; ++i) {
    idle.emplace_back(served);
    idle.back().send("GET /hel");
  }
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
  EXPECT_EQ(idle.front().rest(), "") << "the connection that was idle for longest is closed";
}

TEST(HttpServer, ServesManyClientsAtOnce) {
  const Served served(test_routes(), {});
  std::deque<Client> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(served).send(request);
  for (auto& client : clients) EXPECT_THAT(client.answer(), EndsWith("hello\n"));
}

TEST(HttpServer, APortInUseIsReportedWithARemedy) {
  const Served served(test_routes(), {});
  asio::io_context context;
  const auto second = HttpServer::listen(context.get_executor(), {"127.0.0.1", served.port()}, test_routes());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, asio::error::address_in_use);
  const auto port = std::to_string(served.port());
  EXPECT_THAT(second.error().message,
              StartsWith("cannot listen on 127.0.0.1:" + port + ": port " + port + " is in use"));
  EXPECT_THAT(second.error().message, HasSubstr("--listen-http"));
}

TEST(HttpServer, AnAddressOfAnotherHostIsReported) {
  asio::io_context context;
  const auto server = HttpServer::listen(context.get_executor(), {"192.0.2.1", 0}, test_routes());
  ASSERT_FALSE(server.has_value());
  EXPECT_THAT(server.error().message, HasSubstr("192.0.2.1"));
  EXPECT_THAT(server.error().message, HasSubstr("does not have the address"));
}

TEST(HttpServer, StoppingClosesIdleConnectionsAtOnce) {
  Served served(test_routes(), {.stop_time = 1h});
  Client idle(served);
  Client used(served);
  EXPECT_THAT(used.get("/hello"), EndsWith("hello\n"));
  served.stop();
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(used.rest(), "");
}

TEST(HttpServer, StoppingLetsAClientReadAnAnswerInProgress) {
  Served served(test_routes(), {.stop_time = 1h});
  Client client(served);
  client.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
  std::thread reader([&] { EXPECT_GT(client.rest().size(), big); });
  // The answer to another request shows that the server has begun with the first one.
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
  served.stop();
  reader.join();
}

TEST(HttpServer, StoppingDoesNotWaitForAClientThatNeverReads) {
  Served served(test_routes(), {.stop_time = 50ms});
  Client lazy(served);
  lazy.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(Client(served).get("/hello"), EndsWith("hello\n"));
  served.stop();
  EXPECT_LT(lazy.rest().size(), big);
}

}  // namespace
}  // namespace knm
