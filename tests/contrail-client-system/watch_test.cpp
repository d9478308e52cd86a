#include <gmock/gmock.h>

#include <functional>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "contrail-client/watch/stream.hpp"
#include "tests/contrail-client-system/fixture.hpp"
#include "tests/unit/contrail-client/notifications.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

// The stream of notifications, against a server that sends them with faults.
namespace contrail::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using watch::Phase;

Object project(const std::string& name) {
  Object object;
  object.type = Type::project;
  object.fq_name = "default-domain:" + name;
  object.uuid = uuid_v5({}, name);
  return object;
}

Object machine(const std::string& name) {
  Object object;
  object.type = Type::virtual_machine;
  object.uuid = uuid_v5({}, name);
  object.fq_name = object.uuid.text();
  return object;
}

std::string changed(const Object& object) {
  return "changed " + std::string(name(object.type)) + " " + object.fq_name + " " + object.uuid.text();
}
std::string deleted(const Object& object) {
  return "deleted " + std::string(name(object.type)) + " " + object.uuid.text();
}

class Watching : public ServerTest {
 protected:
  Watching() {
    options_.machine.backoff = {.initial = 4ms, .max = 40ms};
    options_.machine.list_factor = 0;
  }
  ~Watching() override { end(); }

  void begin() { begin(client_); }
  void begin(Client& client) {
    stream_.emplace(
        context_.get_executor(), client,
        []() -> boost::asio::awaitable<std::vector<watch::Subscription>> {
          co_return std::vector<watch::Subscription>{{Type::project, {Field::annotations}, {}},
                                                     {Type::virtual_machine, {Field::annotations}, {}}};
        },
        [this](watch::Event&& event) { heard_.push_back(text_of(event)); }, options_);
    running_ = true;
    boost::asio::co_spawn(
        context_, stream_->run(),
        boost::asio::bind_cancellation_slot(end_.slot(), [this](const std::exception_ptr&) { running_ = false; }));
  }
  void end() {
    end_.emit(boost::asio::cancellation_type::terminal);
    until([this] { return !running_; });
  }

  // Runs until the condition holds.
  void until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + ample;
    context_.restart();
    while (!condition() && context_.run_one_until(limit) > 0) {
    }
    EXPECT_TRUE(condition()) << ::testing::PrintToString(heard_);
  }
  void until_heard(const std::string& event, std::ptrdiff_t times = 1) {
    until([&] { return count_of(event) >= times; });
  }
  std::ptrdiff_t count_of(const std::string& event) const { return std::count(heard_.begin(), heard_.end(), event); }
  void follow() {
    begin();
    until_heard("complete");
    heard_.clear();
  }

  void set_faults(const nlohmann::json& settings) { control("PUT", "/_control/faults", settings); }

  watch::StreamOptions options_;
  std::vector<std::string> heard_;
  std::optional<watch::Stream> stream_;

 private:
  boost::asio::cancellation_signal end_;
  bool running_ = false;
};

TEST_F(Watching, BeginsWithTheLists) {
  expect(200, create(machine("a")));
  begin();
  until_heard("complete");
  EXPECT_THAT(heard_,
              ElementsAre("opened " + server_.url(), "list of projects",
                          HasSubstr("has project default-domain:default-project"), "all 1", "list of virtual-machines",
                          HasSubstr("has virtual-machine " + machine("a").fq_name), "all 1", "complete"));
  EXPECT_EQ(stream_->life().phase, Phase::following);
  EXPECT_EQ(stream_->life().server, server_.url());
}

TEST_F(Watching, HearsOfEachWrite) {
  follow();
  const auto shop = project("shop");
  const auto pod = machine("pod");
  expect(200, create(shop));
  expect(200, create(pod));
  expect(200, set_annotations(pod.uuid, {{"k", "v"}}));
  expect(200, remove(Type::virtual_machine, pod.uuid));
  expect(200, remove(Type::project, shop.uuid));
  until_heard(deleted(shop), 2);
  EXPECT_THAT(heard_.front(), changed(shop));
  EXPECT_THAT(heard_, Contains(changed(pod)));
  EXPECT_THAT(heard_, Contains(deleted(pod)));
  EXPECT_EQ(stream_->life().changes, heard_.size());
}

TEST_F(Watching, ALostEventIsNotHeard) {
  follow();
  arm("event-loss");
  expect(200, create(machine("a")));
  expect(200, create(machine("b")));
  until_heard(changed(machine("b")));
  EXPECT_THAT(heard_, ElementsAre(changed(machine("b"))));
  EXPECT_EQ(count("event-loss"), 1);
}

TEST_F(Watching, ADoubledEventIsHeardTwice) {
  follow();
  arm("event-double");
  expect(200, create(machine("a")));
  until_heard(changed(machine("a")), 2);
  EXPECT_EQ(count("event-double"), 1);
}

TEST_F(Watching, ALateEventComesAfterThoseOfOtherObjects) {
  follow();
  set_faults({{"event-late-ms", 1000}, {"event-late", {{"next", 1}}}});
  expect(200, create(machine("a")));
  expect(200, create(machine("b")));
  until_heard(changed(machine("a")));
  EXPECT_THAT(heard_, ElementsAre(changed(machine("b")), changed(machine("a"))));
}

// An event has the object as it is when it is sent.
TEST_F(Watching, AnEventIsTheTruthOfItsTime) {
  follow();
  set_faults({{"event-delay-ms", 500}});
  expect(200, create(machine("a")));
  expect(200, remove(Type::virtual_machine, machine("a").uuid));
  until_heard(deleted(machine("a")), 2);
  EXPECT_THAT(heard_, Not(Contains(changed(machine("a")))));
}

TEST_F(Watching, AStopIsTheEndOfAStream) {
  follow();
  control("POST", "/_control/watches/stop");
  until_heard("complete");
  EXPECT_THAT(heard_.front(), HasSubstr("lost: "));
  EXPECT_THAT(heard_.front(), HasSubstr("injected fault: stop"));
  EXPECT_EQ(stream_->life().opened, 2U);
  EXPECT_EQ(stream_->life().lost, 1U);
}

TEST_F(Watching, AStreamThatIsCutIsBegunAgain) {
  follow();
  control("POST", "/_control/watches/cut");
  until_heard("complete");
  EXPECT_THAT(heard_.front(), HasSubstr("closed the connection"));
}

TEST_F(Watching, ASilentStreamIsBegunAgain) {
  options_.silence_limit = 1s;
  set_faults({{"watch-keepalive-ms", 10}});
  follow();
  until([this] { return stream_->life().keep_alives >= 3; });
  EXPECT_THAT(heard_, IsEmpty());
  set_faults({{"watch-silent", true}});
  until([this] { return !heard_.empty(); });
  EXPECT_THAT(heard_.front(), HasSubstr("timed out"));
  set_faults({{"watch-silent", false}});
  until_heard("complete");
}

TEST_F(Watching, AStreamWithoutListsIsBegunAgain) {
  options_.list_patience = 50ms;
  set_faults({{"watch-silent", true}});
  begin();
  until([this] { return stream_->life().lost > 0; });
  EXPECT_THAT(heard_, Not(Contains("list of projects")));
  set_faults({{"watch-silent", false}});
  until_heard("complete");
}

// Comments show that the server lives, not that its lists will come.
TEST_F(Watching, AStreamOfCommentsAloneIsBegunAgain) {
  options_.list_limit = 1s;
  set_faults({{"watch-keepalive-ms", 5}, {"watch-without-lists", true}});
  begin();
  until([this] { return stream_->life().lost > 0; });
  EXPECT_THAT(heard_, Contains("opened " + server_.url()));
  EXPECT_THAT(heard_, Not(Contains("list of projects")));
  EXPECT_GT(stream_->life().keep_alives, 0U);
}

// A start waits for the first stream, so the time for its first list is shorter.
TEST_F(Watching, CommentsDoNotLetTheFirstListWait) {
  options_.list_patience = 200ms;
  set_faults({{"watch-keepalive-ms", 5}, {"watch-without-lists", true}});
  begin();
  until([this] { return stream_->life().lost > 0; });
  EXPECT_GT(stream_->life().keep_alives, 0U) << "list_limit has not passed";
}

TEST_F(Watching, AForeignAnswerIsBelievedWhenItGoesOn) {
  options_.foreign_patience = 1ms;
  ::test::ScriptedServer gateway{context_, {{::test::ReadRequest{}, ::test::Send{::test::ok("busy")}}}};
  Client client(context_.get_executor(), {endpoint(gateway.url())});
  begin(client);
  until([this] { return stream_->life().phase == Phase::not_offered; });
  EXPECT_EQ(stream_->life().failures, 2);
  EXPECT_EQ(gateway.log().connections, 2U);
  end();
}

// A gateway that starts answers so for a moment.
TEST_F(Watching, ForeignAnswersOfAMomentAreFailures) {
  ::test::ScriptedServer gateway{context_, {{::test::ReadRequest{}, ::test::Send{::test::ok("busy")}}}};
  Client client(context_.get_executor(), {endpoint(gateway.url())});
  begin(client);
  until([this] { return stream_->life().failures == 4; });
  EXPECT_EQ(stream_->life().phase, Phase::pausing);
  end();
}

TEST_F(Watching, AServerThatRestartsIsFollowedAgain) {
  follow();
  control("POST", "/_control/down");
  until([this] { return stream_->life().failures >= 2; });
  EXPECT_THAT(heard_.front(), HasSubstr("lost: "));
  control("POST", "/_control/up");
  until_heard("complete");
  EXPECT_EQ(stream_->life().error, "");
}

TEST_F(Watching, AnAnswerWithoutAStreamIsAPhase) {
  const std::pair<int, Phase> cases[] = {{404, Phase::not_offered}, {501, Phase::not_offered}, {403, Phase::refused},
                                         {401, Phase::refused},     {503, Phase::pausing},     {500, Phase::pausing}};
  for (const auto& [status, phase] : cases) {
    heard_.clear();
    set_faults({{"refuse", {{"probability", 1}, {"status", status}, {"type", "watch"}}}});
    begin();
    until([&, expected = phase] { return stream_->life().phase == expected; });
    EXPECT_THAT(stream_->life().error, HasSubstr("HTTP " + std::to_string(status)));
    EXPECT_THAT(heard_, Not(Contains(HasSubstr("opened"))));
    until([this] { return !heard_.empty(); });
    EXPECT_THAT(heard_.front(), HasSubstr("lost: HTTP " + std::to_string(status)));
    end();
  }
}

TEST_F(Watching, AConnectionOfItsOwnLeavesTheOthersFree) {
  Client narrow(context_.get_executor(), {endpoint(server_.url())}, {.max_connections = 1});
  begin(narrow);
  until_heard("complete");
  const auto answer = ::test::run(context_, narrow.exchange(create(machine("a")), ample));
  EXPECT_TRUE(answer) << answer.error().error.message;
  until_heard(changed(machine("a")));
  end();
}

TEST_F(Watching, TheNextServerIsFollowedIfOneEnds) {
  StandIn second;
  Client client(context_.get_executor(), {endpoint(server_.url()), endpoint(second.url())});
  begin(client);
  until_heard("opened " + server_.url());
  server_.kill();
  until_heard("opened " + second.url());
  end();
}

// Two servers may show different times.
TEST_F(Watching, AStreamFollowsTheOtherRequests) {
  StandIn second;
  Client client(context_.get_executor(), {endpoint(server_.url()), endpoint(second.url())});
  begin(client);
  until_heard("complete");
  arm("refuse");  // 503
  const auto answer = ::test::run(context_, client.exchange(read(Type::project, {}), ample));
  EXPECT_TRUE(answer && answer->status == 503);
  until_heard("opened " + second.url());
  EXPECT_THAT(heard_, Contains(HasSubstr("another server")));
  end();
}

TEST_F(Watching, AnEndedStreamIsLost) {
  follow();
  end();
  EXPECT_THAT(heard_, ElementsAre(HasSubstr("lost: ")));
}

// Without comments this stream would have ended three times.
TEST_F(Watching, ACommentIsASignOfLife) {
  EXPECT_EQ(watch::StreamOptions{}.silence_limit, 150s);
  options_.silence_limit = 500ms;
  set_faults({{"watch-keepalive-ms", 20}});
  follow();
  until([this] { return stream_->life().keep_alives >= 75; });
  EXPECT_EQ(stream_->life().lost, 0U);
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(Watching, AStreamWhoseListsDoNotComeIsNotBegunAgainAtOnce) {
  options_.machine.list_factor = 1000;
  options_.list_patience = 50ms;
  set_faults({{"watch-silent", true}});
  begin();
  until([this] { return stream_->life().lost > 0; });
  context_.restart();
  context_.run_for(100ms);
  EXPECT_EQ(stream_->life().opened, 1U);
  EXPECT_EQ(stream_->life().phase, Phase::pausing);
}

}  // namespace
}  // namespace contrail::test
