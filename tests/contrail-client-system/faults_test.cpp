#include <gmock/gmock.h>

#include "contrail-client/error.hpp"
#include "tests/contrail-client-system/fixture.hpp"
#include "tests/unit/k8sclient/support/run.hpp"

// What the client makes of a server that misbehaves. Each fault is asserted to have happened, by the server's counter.
namespace contrail::test {
namespace {

using ::testing::HasSubstr;

Object machine(int number) {
  Object object;
  object.type = Type::virtual_machine;
  object.uuid = uuid_v5({}, "machine " + std::to_string(number));
  object.fq_name = object.uuid.text();
  object.display_name = "pod-" + std::to_string(number);
  object.annotations = {{"opencontrail.org/owner", number % 10 == 0 ? "us" : "them"}};
  return object;
}

class Faults : public ServerTest {
 protected:
  bool exists(const Object& object) { return exchange(read(object.type, object.uuid))->status == 200; }
  int executed() { return stats().at("executed_writes"); }
  int accepted() { return stats().at("connections").at("accepted"); }
};

TEST_F(Faults, ConnectionsAreKeptAndBounded) {
  std::vector<Request> requests;
  for (int i = 0; i < 400; ++i) requests.push_back(create(machine(i)));
  control("PUT", "/_control/faults", {{"latency-ms", 1}});
  const int before = accepted();  // those of the control address count, too
  for (const auto& answer : all_at_once(requests)) {
    ASSERT_TRUE(answer) << answer.error().error.message;
    EXPECT_EQ(answer->status, 200);
  }
  const auto counted = stats();
  EXPECT_EQ(counted.at("in_flight_peak"), 8);
  EXPECT_EQ(accepted() - before, 8);
  EXPECT_EQ(counted.at("successful_writes"), 400);
}

TEST_F(Faults, AnErrorIsAnAnswer) {
  const std::pair<const char*, int> cases[] = {{"error-before", 500}, {"error-after", 500}, {"refuse", 503}};
  const int before = accepted();
  int number = 0;
  for (const auto& [fault, status] : cases) {
    arm(fault);
    const auto object = machine(number++);
    expect(status, create(object));
    EXPECT_EQ(count(fault), 1);
    EXPECT_EQ(exists(object), std::string{fault} == "error-after");
  }
  EXPECT_EQ(accepted() - before, 1);
}

TEST_F(Faults, AWriteWithoutAnAnswerIsUnknown) {
  int number = 0;
  for (const bool reused : {false, true}) {
    for (const auto* fault : {"reset-before", "reset-after", "half-answer", "stall-before", "stall-after"}) {
      Client fresh{context_.get_executor(), {endpoint(server_.url())}};
      if (reused) {
        ASSERT_TRUE(::test::run(context_, fresh.exchange(read(Type::project, {}), ample)));
      }
      const int before = count(fault);
      arm(fault);
      const auto object = machine(number++);
      const bool stalls = std::string_view{fault}.starts_with("stall");
      const auto answer = ::test::run(context_, fresh.exchange(create(object), stalls ? short_time : ample));
      ASSERT_FALSE(answer) << fault;
      EXPECT_EQ(answer.error().reached, Reached::unknown) << fault << ": " << answer.error().error.message;
      EXPECT_EQ(count(fault), before + 1);
      EXPECT_EQ(exists(object), !std::string_view{fault}.ends_with("before")) << fault;
      EXPECT_EQ(::test::run(context_, fresh.exchange(read(Type::project, {}), ample))->status, 404);
    }
  }
}

TEST_F(Faults, AReadOnAKeptConnectionIsSentAgain) {
  expect(200, create(machine(1)));
  arm("reset-before");
  EXPECT_TRUE(exists(machine(1)));
  EXPECT_EQ(count("reset-before"), 1);
  arm("reset-after");
  EXPECT_EQ(list_of(Type::virtual_machine, {}, {}).objects.size(), 1U);
  EXPECT_EQ(count("reset-after"), 1);
  // Once: the second one is not repeated.
  control("PUT", "/_control/faults", {{"reset-before", {{"next", 2}}}});
  EXPECT_FALSE(exchange(read(Type::virtual_machine, machine(1).uuid)));
  EXPECT_EQ(count("reset-before"), 3);
}

TEST_F(Faults, HalfAListIsNoList) {
  std::vector<Request> requests;
  for (int i = 0; i < 1000; ++i) requests.push_back(create(machine(i)));
  all_at_once(requests);
  arm("half-answer");
  const auto half = list_of(Type::virtual_machine, {}, {Field::annotations});
  ASSERT_FALSE(half.answer);
  EXPECT_EQ(count("half-answer"), 1);
  EXPECT_LT(half.objects.size(), 1000U);

  const auto whole = list_of(Type::virtual_machine, {}, {Field::annotations});
  ASSERT_TRUE(whole.answer) << whole.answer.error().error.message;
  EXPECT_EQ(whole.objects.size(), 1000U);
  const auto ours =
      list_of(Type::virtual_machine, {}, {Field::annotations}, [](const Uuid&, const Annotations& annotations) {
        const auto* owner = annotations.find("opencontrail.org/owner");
        return owner != nullptr && *owner == "us";
      });
  EXPECT_EQ(ours.objects.size(), 100U);
}

TEST_F(Faults, AListThatIsRefusedHasItsStatus) {
  arm("refuse");
  const auto listing = list_of(Type::project, {}, {});
  ASSERT_TRUE(listing.answer) << listing.answer.error().error.message;
  EXPECT_EQ(listing.answer->status, 503);
  EXPECT_EQ(count("refuse"), 1);
}

TEST_F(Faults, AServerThatIsDownGotNothing) {
  expect(200, create(machine(0)));
  control("POST", "/_control/down", nlohmann::json::object());
  // The kept connection went with it. The first write may find that out by its failure, every later one by the refusal.
  exchange(create(machine(1)));
  const auto answer = exchange(create(machine(2)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::not_sent);
  EXPECT_THAT(answer.error().error.message, HasSubstr("POST /virtual-machines: "));
  control("POST", "/_control/up", nlohmann::json::object());
  EXPECT_FALSE(exists(machine(2)));
  expect(200, create(machine(2)));
}

TEST_F(Faults, TheOtherServerTakesOver) {
  StandIn other;
  Client client{context_.get_executor(), {endpoint(server_.url()), endpoint(other.url())}};
  const auto ask = [&](Request request) { return ::test::run(context_, client.exchange(std::move(request), ample)); };
  ASSERT_TRUE(ask(create(machine(0))));
  server_.kill();
  ASSERT_TRUE(ask(read(Type::virtual_machine, machine(0).uuid)));  // finds the kept connection dead, then the other
  EXPECT_EQ(client.server(), endpoint(other.url()));
  const auto answer = ask(create(machine(1)));
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(answer->status, 200);
}

TEST_F(Faults, ABodyThatIsTooBigForTheServerIsAnAnswer) {
  auto object = machine(0);
  object.display_name.assign(1'100'000, 'x');
  expect(413, create(object));
  EXPECT_FALSE(exists(object));
}

}  // namespace
}  // namespace contrail::test
