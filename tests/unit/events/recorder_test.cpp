#include "controller/events/recorder.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace knm {
namespace {

using namespace std::chrono_literals;
using Step = EventWrite::Step;
using Result = EventAnswer::Result;

const Subject web{SubjectKind::service, "shop/web"};
const Problem in_use{"AddressInUse", "192.0.2.1 is taken; use another address"};
const Problem reserved{"AddressReserved", "192.0.2.254 is reserved; use another address"};

// An API server that stores Events by name with their counts.
struct Server {
  std::map<std::string, std::uint32_t> events;
  std::size_t requests = 0;
  std::function<std::optional<EventAnswer>(const EventWrite&)> fault;

  EventAnswer handle(const EventWrite& write) {
    ++requests;
    if (fault)
      if (const auto answer = fault(write)) return *answer;
    const auto known = events.find(write.name);
    if (write.step == Step::create) {
      if (known != events.end()) return {Result::exists, 0};
      events[write.name] = 1;
      return {};
    }
    if (known == events.end()) return {Result::gone, 0};
    if (write.step == Step::look) return {Result::done, known->second};
    known->second = write.count;
    return {};
  }
};

class RecorderTest : public testing::Test {
 protected:
  void set_problems(std::vector<Problem> problems, const Subject& subject = web, std::string_view uid = "u-1",
                    std::string_view source = "intent") {
    book_.set(subject, uid, source, std::move(problems));
    recorder_.update(book_, book_.take_changed(), now_);
  }
  void forget(const Subject& subject) {
    book_.forget(subject);
    recorder_.update(book_, book_.take_changed(), now_);
  }

  // Sends everything that is due in this time; the answers come at once.
  void pass(Time time) {
    for (const auto end = now_ + time;;) {
      while (const auto write = recorder_.poll(now_)) {
        log_.push_back(*write);
        recorder_.answer(write->id, server_.handle(*write), now_);
      }
      const auto next = recorder_.next_wakeup();
      if (!next || *next > end) return void(now_ = end);
      ASSERT_GT(*next, now_) << "a wake-up without work";
      now_ = *next;
    }
  }

  void restart() { recorder_ = Recorder(); }

  std::uint32_t count_of(const Problem& problem, const Subject& subject = web, std::string_view uid = "u-1") {
    const auto at = server_.events.find(event_name(notice_of(subject, uid, problem)));
    return at == server_.events.end() ? 0 : at->second;
  }

  Time now_{1h};
  ProblemBook book_;
  Recorder recorder_;
  Server server_;
  std::vector<EventWrite> log_;
};

TEST_F(RecorderTest, AProblemHasOneEvent) {
  set_problems({in_use});
  pass(1min);
  EXPECT_EQ(count_of(in_use), 1U);
  EXPECT_EQ(server_.requests, 1U);
  EXPECT_EQ(recorder_.counts().sent, 1U);
  EXPECT_EQ(log_.front().notice.subject, web);
  EXPECT_TRUE(log_.front().notice.warning);
}

TEST_F(RecorderTest, TheTimeOfAnEventIsTheBeginningOfItsProblem) {
  const auto appeared = now_;
  set_problems({in_use});
  pass(1min);
  EXPECT_EQ(log_.front().seen, appeared);
}

TEST_F(RecorderTest, AShortProblemHasNoEvent) {
  set_problems({in_use});
  pass(1s);
  set_problems({});
  pass(1h);
  EXPECT_EQ(server_.requests, 0U);
}

TEST_F(RecorderTest, EachProblemOfAnObjectHasItsOwnEvent) {
  set_problems({in_use});
  pass(1min);
  set_problems({in_use, reserved});
  set_problems({{"ObjectConflict", "the name is taken"}}, web, "u-1", "conflict");
  pass(1min);
  EXPECT_EQ(count_of(in_use), 1U);
  EXPECT_EQ(count_of(reserved), 1U);
  EXPECT_EQ(server_.events.size(), 3U);
}

TEST_F(RecorderTest, ALastingProblemIsRefreshedBeforeItsEventExpires) {
  set_problems({in_use});
  pass(119min);
  EXPECT_EQ(count_of(in_use), 4U) << "at once, and at 30, 60 and 90 minutes";
  EXPECT_EQ(server_.requests, 4U);
  EXPECT_EQ(log_.back().step, Step::count);
  EXPECT_GT(log_.back().seen, log_.front().seen + 89min);
}

TEST_F(RecorderTest, AnExpiredEventIsCreatedAgain) {
  set_problems({in_use});
  pass(1min);
  server_.events.clear();
  pass(30min);
  EXPECT_EQ(count_of(in_use), 1U);
  pass(30min);
  EXPECT_EQ(count_of(in_use), 2U);
}

TEST_F(RecorderTest, AnEndedProblemIsNotRefreshed) {
  set_problems({in_use});
  pass(1min);
  set_problems({});
  pass(3h);
  EXPECT_EQ(server_.requests, 1U);
}

TEST_F(RecorderTest, ARecurrenceIncreasesTheCount) {
  for (int i = 0; i < 3; ++i) {
    set_problems({in_use});
    pass(10min);
    set_problems({});
    pass(10min);
  }
  EXPECT_EQ(server_.events.size(), 1U);
  EXPECT_EQ(count_of(in_use), 3U);
}

TEST_F(RecorderTest, ARestartIncreasesTheCountInsteadOfAddingAnEvent) {
  set_problems({in_use});
  pass(1min);
  for (std::uint32_t run = 2; run <= 4; ++run) {
    restart();
    recorder_.update(book_, {web}, now_);
    pass(1min);
    EXPECT_EQ(server_.events.size(), 1U);
    EXPECT_EQ(count_of(in_use), run);
  }
}

TEST_F(RecorderTest, ARecreatedObjectHasItsOwnEvents) {
  set_problems({in_use});
  pass(1min);
  set_problems({in_use}, web, "u-2");
  pass(31min);
  EXPECT_EQ(count_of(in_use), 1U) << "the Event of the former object is not refreshed";
  EXPECT_EQ(count_of(in_use, web, "u-2"), 2U);
}

TEST_F(RecorderTest, ADeletedObjectHasNoEvent) {
  set_problems({in_use});
  forget(web);
  pass(1h);
  EXPECT_EQ(server_.requests, 0U);
}

TEST_F(RecorderTest, AProblemThatEndsDuringARequestIsNotRepeated) {
  set_problems({in_use});
  now_ += 2s;
  const auto write = recorder_.poll(now_);
  ASSERT_TRUE(write);
  set_problems({});
  recorder_.answer(write->id, {Result::exists, 0}, now_);
  pass(2h);
  EXPECT_EQ(server_.requests, 0U);
  EXPECT_EQ(recorder_.in_flight(), 0U);
}

TEST_F(RecorderTest, ANoticeIsSentOnce) {
  const Notice ready{{SubjectKind::pod, "shop/p"}, "u-9", false, "NetworkReady", "has its address"};
  recorder_.notice(ready, now_);
  pass(2h);
  EXPECT_EQ(server_.requests, 1U);
  EXPECT_FALSE(log_.front().notice.warning);
}

TEST_F(RecorderTest, AFailedWriteIsRetriedForAProblemAndNotForANotice) {
  bool down = true;
  server_.fault = [&](const EventWrite&) {
    return down ? std::optional(EventAnswer{Result::failed, 0}) : std::nullopt;
  };
  recorder_.notice({{SubjectKind::pod, "shop/p"}, "u-9", false, "NetworkReady", "has its address"}, now_);
  set_problems({in_use});
  pass(10min);
  EXPECT_GE(server_.requests, 10U);
  EXPECT_LE(server_.requests, 12U) << "a hot loop";
  EXPECT_EQ(recorder_.counts().failed, server_.requests);
  down = false;
  pass(2min);
  EXPECT_EQ(server_.events.size(), 1U);
  EXPECT_EQ(count_of(in_use), 1U);
}

TEST_F(RecorderTest, AServerThatContradictsItselfCausesNoHotLoop) {
  server_.fault = [](const EventWrite& write) {
    return EventAnswer{write.step == Step::create ? Result::exists : Result::gone, 0};
  };
  set_problems({in_use});
  pass(10min);
  EXPECT_GT(recorder_.counts().failed, 8U);
  EXPECT_LE(server_.requests, 44U);
}

TEST_F(RecorderTest, AnObjectThatFlapsCannotFloodTheCluster) {
  for (int i = 0; i < 1000; ++i) {
    set_problems({{"AddressInUse", "attempt " + std::to_string(i)}});
    pass(3s);
  }
  // 25 at once, and one for each five of the fifty minutes.
  EXPECT_GE(server_.events.size(), 25U);
  EXPECT_LE(server_.events.size(), 36U);
  EXPECT_GT(recorder_.counts().suppressed, 900U);
  // Other objects still get Events.
  set_problems({in_use}, {SubjectKind::service, "shop/other"});
  pass(3s);
  EXPECT_EQ(count_of(in_use, {SubjectKind::service, "shop/other"}), 1U);
  // The last problem gets its Event as soon as the rate limit allows it.
  pass(10min);
  EXPECT_EQ(count_of({"AddressInUse", "attempt 999"}), 1U);
}

TEST_F(RecorderTest, RefreshesDoNotCountForTheRateLimit) {
  std::vector<Problem> many;
  for (int i = 0; i < 20; ++i) many.push_back({"AddressInUse", "address " + std::to_string(i)});
  set_problems(many);
  pass(24h);
  EXPECT_EQ(recorder_.counts().suppressed, 0U);
  for (const auto& problem : many) EXPECT_EQ(count_of(problem), 48U);
}

TEST_F(RecorderTest, ManyNoticesAreSpreadAndThoseBeyondTheQueueAreCounted) {
  const auto notice = [](int i) {
    const auto name = std::to_string(i);
    return Notice{{SubjectKind::pod, "shop/p" + name}, "u" + name, false, "NetworkReady", "has its address"};
  };
  for (int i = 0; i < 1200; ++i) recorder_.notice(notice(i), now_);
  EXPECT_EQ(recorder_.counts().suppressed, 200U);
  pass(1s);
  EXPECT_GE(server_.requests, 140U);
  EXPECT_LE(server_.requests, 160U) << "a hundred at once, then fifty per second";
  pass(1min);
  EXPECT_EQ(server_.events.size(), 1000U);
  recorder_.notice(notice(2000), now_);
  pass(1s);
  EXPECT_EQ(server_.events.size(), 1001U) << "sent notices free their places";
}

TEST_F(RecorderTest, RequestsInFlightAreLimited) {
  for (int i = 0; i < 10; ++i) set_problems({in_use}, {SubjectKind::service, "shop/s" + std::to_string(i)});
  now_ += 2s;
  std::vector<EventWrite> writes;
  while (auto write = recorder_.poll(now_)) writes.push_back(*write);
  EXPECT_EQ(writes.size(), 4U);
  EXPECT_FALSE(recorder_.next_wakeup());
  recorder_.answer(writes.front().id, {}, now_);
  EXPECT_TRUE(recorder_.poll(now_));
}

TEST(EventName, IsDerivedFromTheContentAndIsADnsSubdomain) {
  const auto notice = notice_of(web, "u-1", in_use);
  EXPECT_EQ(event_name(notice), event_name(notice_of(web, "u-1", in_use)));
  EXPECT_NE(event_name(notice), event_name(notice_of(web, "u-2", in_use)));
  EXPECT_NE(event_name(notice), event_name(notice_of(web, "u-1", reserved)));
  EXPECT_NE(event_name(notice), event_name(notice_of(web, "u-1", {in_use.reason, "another"})));
  EXPECT_EQ(event_name(notice), "web.b7290994f9cb5faaad6c9fd66a40db2f") << "a format: it must outlive an upgrade";
  const auto longest =
      event_name(notice_of({SubjectKind::pod, "shop/" + std::string(219, 'a') + ".-" + "bbbb"}, "u", in_use));
  EXPECT_LE(longest.size(), 253U);
  EXPECT_EQ(longest.find(".."), std::string::npos);
  EXPECT_EQ(longest.find("-."), std::string::npos);
}

TEST(EventName, TheEventRegardsTheObject) {
  const auto event = event_of(notice_of(web, "u-1", in_use), std::string(200, 'i'), {});
  EXPECT_EQ(event.regarding, (k8s::Regarding{"v1", "Service", "shop", "web", "u-1"}));
  EXPECT_EQ(event.reporting_instance.size(), 128U);
  EXPECT_TRUE(event.warning);
  const auto of_namespace = event_of(notice_of({SubjectKind::ns, "shop"}, "u-1", in_use), "i", {});
  EXPECT_EQ(of_namespace.regarding, (k8s::Regarding{"v1", "Namespace", "", "shop", "u-1"}));
}

// The object is deleted with its Namespace. The refusal of its Event is not a failure.
TEST_F(RecorderTest, AnObjectInATerminatingNamespaceGetsNoEvent) {
  server_.fault = [](const EventWrite&) { return EventAnswer{Result::ending}; };
  set_problems({in_use});
  recorder_.notice({web, "u-1", false, "ExternalAddressAssigned", "has 192.0.2.1"}, now_);
  pass(20min);
  EXPECT_EQ(server_.requests, 2U) << "the Event is not repeated each minute";
  EXPECT_EQ(recorder_.counts().failed, 0U);
  EXPECT_EQ(recorder_.counts().suppressed, 2U);
  forget(web);
  pass(1h);
  EXPECT_EQ(server_.requests, 2U);
}

TEST_F(RecorderTest, AfterTheTerminationEndsTheEventIsSent) {
  server_.fault = [](const EventWrite&) { return EventAnswer{Result::ending}; };
  set_problems({in_use});
  pass(1min);
  server_.fault = nullptr;
  pass(31min);
  EXPECT_EQ(count_of(in_use), 1U);
}

// A lasting notice is a state as well: it is sent once, and not again after a restart.
TEST_F(RecorderTest, ALastingNoticeIsSentOnce) {
  const Problem notice{"ServiceNotConnected", "it leads outside; use an external-service", true};
  set_problems({notice, in_use});
  pass(3h);
  EXPECT_EQ(count_of(notice), 1U);
  EXPECT_GT(count_of(in_use), 1U);
  ASSERT_FALSE(log_.empty());
  for (const auto& write : log_) EXPECT_EQ(write.notice.warning, write.notice.reason == "AddressInUse");
  restart();
  set_problems({});
  set_problems({notice});
  log_.clear();
  pass(3h);
  EXPECT_EQ(count_of(notice), 1U);
  EXPECT_EQ(log_.size(), 1U) << "the create finds the existing Event";
  // The notice ends and recurs while its Event exists.
  set_problems({});
  pass(1h);
  set_problems({notice});
  pass(1h);
  EXPECT_EQ(count_of(notice), 1U);
  EXPECT_EQ(recorder_.next_wakeup(), std::nullopt);
}

}  // namespace
}  // namespace knm
