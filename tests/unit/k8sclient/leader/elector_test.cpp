#include "k8sclient/leader/elector.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "tests/unit/k8sclient/support/answering_server.hpp"
#include "tests/unit/k8sclient/support/lease_object.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/run.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::HttpAnswer, test::HttpCall;

// Stands still until a test moves it.
struct ManualClock final : base::Clock {
  time_point now() const override { return time; }
  time_point time{1h};
};

const std::string path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

class ElectorTest : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    context_.poll();
  }
  std::unique_ptr<Client> client_for(const std::string& name) {
    ClientConfig config;
    config.server = net::parse_endpoint(server_.url()).value();
    return Client::create(context_.get_executor(), config, {.user_agent = name}).value();
  }
  // Its attempts follow each other at once.
  ElectorOptions options(const std::string& identity) {
    ElectorOptions out;
    out.lease_name = {"kube-system", "example"};
    out.lease.identity = identity;
    out.lease.retry_period = 1ms;
    out.clock = clock_;
    return out;
  }
  template <class Condition>
  void run_until(Condition done) {
    while (!done() && context_.run_one() > 0) {
    }
    ASSERT_TRUE(done());
  }
  std::size_t writes() const {
    return static_cast<std::size_t>(std::count_if(server_.calls().begin(), server_.calls().end(),
                                                  [](const auto& call) { return call.method != "GET"; }));
  }

  asio::io_context context_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  test::LeaseObject lease_;
  std::function<HttpAnswer(const HttpCall&)> answer_ = [this](const HttpCall& call) { return lease_.answer(call); };
  test::AnsweringServer server_{context_, [this](const HttpCall& call) { return answer_(call); }};
  std::unique_ptr<Client> client_ = client_for("a");
  Elector elector_{*client_, options("a")};
  base::TaskGroup tasks_{context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); }};
};

TEST_F(ElectorTest, IsElectedAndRenews) {
  int elected = 0;
  elector_.on_elected([&] { ++elected; });
  EXPECT_FALSE(elector_.is_leader());
  tasks_.spawn("a", elector_.run());
  run_until([&] { return elected == 1; });
  EXPECT_TRUE(elector_.is_leader());
  EXPECT_EQ(lease_.holder(), "a");
  EXPECT_EQ(elector_.holder(), "a");
  ASSERT_EQ(server_.calls().size(), 2u);
  EXPECT_EQ(server_.calls()[0].target, path + "/example");
  EXPECT_EQ(server_.calls()[1].target, path + "?fieldManager=a");
  run_until([&] { return server_.calls().size() == 4; });
  EXPECT_EQ(server_.calls()[3].method + server_.calls()[3].target, "PUT" + path + "/example?fieldManager=a");
  EXPECT_EQ(elected, 1);
}

TEST_F(ElectorTest, AnotherInstanceFollowsTheReleaseAtOnce) {
  tasks_.spawn("a", elector_.run());
  run_until([&] { return elector_.is_leader(); });
  lease_.object["metadata"]["labels"] = {{"k", "v"}};
  const auto other_client = client_for("b");
  Elector other(*other_client, options("b"));
  base::TaskGroup others(context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); });
  others.spawn("b", other.run());
  run_until([&] { return other.holder() == "a"; });
  EXPECT_FALSE(other.is_leader());

  bool lost = false, released = false;
  elector_.on_lost([&] { lost = true; });
  tasks_.cancel();
  run_until([&] { return tasks_.size() == 0; });
  asio::co_spawn(context_, elector_.release(), [&](std::exception_ptr) { released = true; });
  run_until([&] { return released && other.is_leader(); });
  EXPECT_FALSE(elector_.is_leader());
  EXPECT_FALSE(lost) << "the program knows that it has released the lease";
  EXPECT_EQ(lease_.holder(), "b");
  EXPECT_EQ(lease_.object["spec"]["leaseTransitions"], 1);
  others.cancel();
  context_.poll();
}

TEST_F(ElectorTest, LosesALeaseThatAnotherInstanceHas) {
  bool lost = false;
  elector_.on_lost([&] {
    lost = true;
    tasks_.cancel();  // as a program does that ends
  });
  tasks_.spawn("a", elector_.run());
  run_until([&] { return elector_.is_leader(); });
  lease_.give_to("b");
  run_until([&] { return lost; });
  EXPECT_FALSE(elector_.is_leader());
  EXPECT_EQ(elector_.holder(), "b");
  run_until([&] { return tasks_.size() == 0; });
  EXPECT_EQ(lease_.holder(), "b");
}

// As after SIGSTOP and SIGCONT: the clock went on, and the event loop has not run yet.
TEST_F(ElectorTest, IsNoLeaderAfterALongPauseEvenBeforeTheLoopRuns) {
  bool lost = false;
  elector_.on_lost([&] { lost = true; });
  tasks_.spawn("a", elector_.run());
  run_until([&] { return elector_.is_leader(); });
  clock_->time += 10s;
  EXPECT_FALSE(elector_.is_leader());
  EXPECT_FALSE(lost);
  run_until([&] { return lost; });
}

TEST_F(ElectorTest, ALostAnswerIsReadAgain) {
  bool cut = false;
  answer_ = [&](const HttpCall& call) {
    auto answer = lease_.answer(call);
    if (call.method == "POST" && !std::exchange(cut, true)) answer.how = HttpAnswer::How::close;
    return answer;
  };
  tasks_.spawn("a", elector_.run());
  run_until([&] { return cut && server_.calls().size() == 3; });
  EXPECT_EQ(server_.calls()[2].method, "GET");
  EXPECT_FALSE(elector_.is_leader()) << "the answer was lost";
  EXPECT_NE(elector_.last_error(), "");
  run_until([&] { return elector_.is_leader(); });
  EXPECT_EQ(elector_.last_error(), "");
  EXPECT_EQ(lease_.object["spec"]["leaseTransitions"], 0);
}

TEST_F(ElectorTest, WithoutPermissionItIsNoLeaderAndSaysWhy) {
  answer_ = [&](const HttpCall&) {
    return HttpAnswer{403, R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden","code":403,
      "message":"leases.coordination.k8s.io \"example\" is forbidden: User \"u\" cannot get resource"})"};
  };
  tasks_.spawn("a", elector_.run());
  run_until([&] { return server_.calls().size() == 3; });
  EXPECT_FALSE(elector_.is_leader());
  EXPECT_NE(elector_.last_error().find("cannot get resource"), std::string::npos) << elector_.last_error();
  EXPECT_EQ(writes(), 0u);
}

TEST_F(ElectorTest, AnUnreadableLeaseIsNotOverwritten) {
  answer_ = [&](const HttpCall&) { return HttpAnswer{200, R"({"kind":"Lease","metadata":{}})"}; };
  tasks_.spawn("a", elector_.run());
  run_until([&] { return server_.calls().size() == 3; });
  EXPECT_EQ(writes(), 0u);
  EXPECT_NE(elector_.last_error().find("resourceVersion"), std::string::npos) << elector_.last_error();
}

// An admission policy changed the holder: the write is not ours.
TEST_F(ElectorTest, AnAnswerWithAnotherHolderElectsNoLeader) {
  answer_ = [&](const HttpCall& call) {
    const auto answer = lease_.answer(call);
    if (call.method != "POST") return answer;
    lease_.give_to("b");
    return HttpAnswer{200, lease_.object.dump()};
  };
  tasks_.spawn("a", elector_.run());
  run_until([&] { return elector_.holder() == "b"; });
  EXPECT_FALSE(elector_.is_leader());
}

TEST_F(ElectorTest, EndsByCancelWhileARequestIsUnderWay) {
  answer_ = [](const HttpCall&) { return HttpAnswer{.how = HttpAnswer::How::stall}; };
  tasks_.spawn("a", elector_.run());
  run_until([&] { return server_.calls().size() == 1; });
  tasks_.cancel();
  run_until([&] { return tasks_.size() == 0; });
  EXPECT_FALSE(elector_.is_leader());
}

TEST_F(ElectorTest, WhereReadsSucceedAndWritesFailThereIsOneWarning) {
  test::LogLines log;
  auto with = options("a");
  with.log = log.log();
  Elector elector(*client_, with);
  answer_ = [](const HttpCall& call) {
    return call.method == "GET" ? HttpAnswer{.status = 404} : HttpAnswer{.status = 403};
  };
  tasks_.spawn("a", elector.run());
  run_until([&] { return writes() == 5; });
  const auto is_warning = [](const std::string& line) { return line.starts_with("warning"); };
  EXPECT_EQ(std::count_if(log.lines().begin(), log.lines().end(), is_warning), 1) << log.text();
  EXPECT_FALSE(elector.last_error().empty());
  tasks_.cancel();
  run_until([&] { return tasks_.size() == 0; });
}

// A renewal that gets no answer ends with the term.
TEST_F(ElectorTest, ARenewalWithoutAnAnswerDoesNotDelayTheEndOfTheTerm) {
  bool lost = false;
  auto patient = options("a");
  patient.lease.request_timeout = 1h;
  Elector elector(*client_, patient);
  elector.on_lost([&] { lost = true; });
  tasks_.spawn("a", elector.run());
  run_until([&] { return elector.is_leader(); });
  answer_ = [&](const HttpCall&) {
    clock_->time += 10s - 1ms;  // the rest of the term is one millisecond
    answer_ = [](const HttpCall&) { return HttpAnswer{.how = HttpAnswer::How::stall}; };
    return HttpAnswer{.how = HttpAnswer::How::close};
  };
  run_until([&] { return server_.calls().back().method == "GET" && server_.calls().size() > 2; });
  clock_->time += 1ms;
  run_until([&] { return lost; });
  tasks_.cancel();
  run_until([&] { return tasks_.size() == 0; });
}

}  // namespace
}  // namespace k8s
