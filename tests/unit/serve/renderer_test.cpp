#include "controller/serve/renderer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <stdexcept>
#include <string>

#include "tests/unit/serve/served.hpp"

// Slow renderings from the view of the clients, over the loopback interface.
namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// The gates of the renderings, and their counts.
struct Gate {
  std::atomic<bool> open = false;  // a rendering is complete once this is true
  std::atomic<int> asked = 0, begun = 0, under_way = 0, most_under_way = 0;
};

class GatedRendering final : public Rendering {
 public:
  GatedRendering(Gate& gate, std::size_t size) : gate_(gate), size_(size) {
    number_ = ++gate_.begun;
    gate_.most_under_way = std::max(gate_.most_under_way.load(), ++gate_.under_way);
  }
  ~GatedRendering() override { --gate_.under_way; }
  bool go() override { return !gate_.open; }
  HttpReply reply() override {
    std::vector<std::string> pieces{"rendering " + std::to_string(number_) + "\n", std::string(size_, 'x'), "end\n"};
    return {.shared = std::make_shared<const SharedBody>(std::move(pieces))};
  }

 private:
  Gate& gate_;
  std::size_t size_;
  int number_;
};

constexpr std::size_t big = 32U << 20U;  // more than the kernel buffers for a client that does not read

Routes routes_of(Gate& gate) {
  Routes routes;
  const auto gated = [&gate](std::string key, std::size_t size) {
    return [&gate, key, size](const HttpRequest&) {
      ++gate.asked;
      return RenderJob{key, [&gate, size] { return std::make_unique<GatedRendering>(gate, size); }};
    };
  };
  routes.add("/livez", "a probe", [] { return HttpReply{.body = "ok"}; });
  routes.add_rendered("/slow", "takes as long as the test says", gated("slow", 0));
  routes.add_rendered("/other", "likewise", gated("other", 0));
  routes.add_rendered("/big", "likewise", gated("big", big));
  routes.add_rendered("/broken", "fails", [](const HttpRequest&) {
    return RenderJob{"broken", []() -> std::unique_ptr<Rendering> { throw std::runtime_error("no way"); }};
  });
  return routes;
}

std::string request(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n"; }

class RendererTest : public testing::Test {
 protected:
  // Waits until the server has begun with a rendering; the server answers probes in the meantime.
  void await_rendering(const Served& served, int number = 1) {
    Client client(served);
    while (gate_.begun < number) EXPECT_THAT(client.get("/livez"), EndsWith("ok"));
  }

  void await_requests(const Served& served, int count) {
    Client client(served);
    while (gate_.asked < count) EXPECT_THAT(client.get("/livez"), EndsWith("ok"));
  }

  Gate gate_;
};

TEST_F(RendererTest, AProbeIsAnsweredBeforeTheRenderingIsDone) {
  const Served served(routes_of(gate_), {});
  Client client(served);
  client.send(request("/slow"));
  await_rendering(served);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Client(served).get("/livez"), EndsWith("ok"));
  EXPECT_EQ(gate_.under_way, 1) << "the rendering is not complete";
  gate_.open = true;
  EXPECT_THAT(client.answer(), testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("rendering 1\nend\n")));
}

TEST_F(RendererTest, RequestsOfManyClientsShareOneRendering) {
  const Served served(routes_of(gate_), {}, {.longest_rest = 0ms});
  Client first(served);
  first.send(request("/slow"));
  await_rendering(served);
  std::deque<Client> others;
  for (int i = 0; i < 20; ++i) others.emplace_back(served).send(request("/slow"));
  await_requests(served, 21);
  gate_.open = true;
  EXPECT_THAT(first.answer(), EndsWith("rendering 1\nend\n"));
  for (auto& client : others)
    EXPECT_THAT(client.answer(), EndsWith("rendering 2\nend\n")) << "never older than the request";
  EXPECT_EQ(gate_.most_under_way, 1);
}

TEST_F(RendererTest, RendersOneAtATime) {
  const Served served(routes_of(gate_), {});
  Client slow(served), other(served);
  slow.send(request("/slow"));
  await_rendering(served);
  other.send(request("/other"));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Client(served).get("/livez"), EndsWith("ok"));
  EXPECT_EQ(gate_.begun, 1);
  gate_.open = true;
  EXPECT_THAT(slow.answer(), EndsWith("rendering 1\nend\n"));
  EXPECT_THAT(other.answer(), EndsWith("rendering 2\nend\n"));
  EXPECT_EQ(gate_.most_under_way, 1);
}

// A hundred clients, some of which close their sending side or send another request before the answer.
TEST_F(RendererTest, ManyRequestsAreLimitedAndProbesComeFirst) {
  constexpr std::size_t places = 8;
  const Served served(routes_of(gate_), {}, {.waiting = places, .longest_rest = 0ms});
  Client first(served);
  first.send(request("/slow"));
  await_rendering(served);
  std::deque<Client> clients;
  for (int i = 0; i < 100; ++i) {
    auto& client = clients.emplace_back(served);
    client.send(request("/slow"));
    if (i % 3 == 0) client.half_close();
    if (i % 3 == 1) client.send(request("/livez"));
  }
  EXPECT_THAT(Client(served).get("/livez"), EndsWith("ok"));
  await_requests(served, 101);
  EXPECT_EQ(gate_.begun, 1) << "probes were answered before all of them";
  gate_.open = true;
  EXPECT_THAT(first.answer(), EndsWith("rendering 1\nend\n"));
  std::size_t served_clients = 0, refused = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto answer = clients[i].answer();
    if (answer.starts_with("HTTP/1.1 200 ")) {
      ++served_clients;
      EXPECT_THAT(answer, EndsWith("rendering 2\nend\n"));
    } else {
      ++refused;
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
      EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
      EXPECT_THAT(answer, HasSubstr("503: 8 clients already wait for an answer; retry in a second"));
    }
    if (i % 3 == 1) EXPECT_THAT(clients[i].answer(), EndsWith("ok")) << "the second request of the client is answered";
  }
  EXPECT_EQ(served_clients, places - 1);
  EXPECT_EQ(refused, clients.size() - (places - 1));
}

TEST_F(RendererTest, SlowReadersAreDisconnectedWhenTheirTextsAreTooBig) {
  gate_.open = true;
  Served served(routes_of(gate_), {.stop_time = 50ms}, {.longest_rest = 0ms, .body_bytes = 2 * big + 100});
  std::deque<Client> lazy;
  for (int i = 0; i < 3; ++i) {
    lazy.emplace_back(served).send(request("/big"));
    await_rendering(served, i + 1);
  }
  // Three texts exceed the limit, so the first reader is disconnected before the fourth text is complete.
  Client last(served);
  last.send(request("/big"));
  const auto whole = last.answer();
  EXPECT_THAT(whole.substr(whole.size() - 4), "end\n");
  EXPECT_LT(lazy.front().rest().size(), big);
  EXPECT_GT(lazy.back().answer().size(), big) << "the other clients are not affected";
}

TEST_F(RendererTest, AFailedRenderingIsAnError) {
  const Served served(routes_of(gate_), {});
  Client client(served);
  EXPECT_THAT(client.get("/broken"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(client.get("/livez"), EndsWith("ok"));
}

TEST_F(RendererTest, HeadIsAnsweredWithoutTheBody) {
  gate_.open = true;
  const Served served(routes_of(gate_), {});
  Client client(served);
  client.send("HEAD /slow HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(client.answer(true), HasSubstr("Content-Length: 16\r\n"));
  EXPECT_THAT(client.get("/livez"), EndsWith("ok"));
}

TEST_F(RendererTest, StoppingDoesNotWaitForARendering) {
  Served served(routes_of(gate_), {.stop_time = 1h});
  Client client(served), waiting(served);
  client.send(request("/slow"));
  await_rendering(served);
  waiting.send(request("/other"));
  EXPECT_THAT(Client(served).get("/livez"), EndsWith("ok"));
  served.stop();
  EXPECT_THAT(client.rest(), testing::AnyOf("", StartsWith("HTTP/1.1 503 ")));
  EXPECT_THAT(waiting.rest(), testing::AnyOf("", StartsWith("HTTP/1.1 503 ")));
}

TEST_F(RendererTest, TheOldestWaitingClientsAreDisconnected) {
  const Served served(routes_of(gate_), {.connections = 4}, {.waiting = 100});
  std::deque<Client> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(served).send(request("/slow"));
  EXPECT_THAT(Client(served).get("/livez"), EndsWith("ok")) << "the clients that waited for longest are disconnected";
  gate_.open = true;
  EXPECT_THAT(clients.front().rest(), "");
}

}  // namespace
}  // namespace knm
