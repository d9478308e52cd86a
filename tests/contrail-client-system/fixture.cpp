#include "tests/contrail-client-system/fixture.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>

#include "tests/unit/k8sclient/support/run.hpp"

namespace contrail::test {

Answer ServerTest::exchange(Request request, std::chrono::milliseconds timeout) {
  return ::test::run(context_, client_.exchange(std::move(request), timeout));
}

Response ServerTest::expect(int status, Request request) {
  const auto what = request.method + ' ' + request.target + ' ' + request.body;
  const auto answer = exchange(std::move(request));
  EXPECT_TRUE(answer) << what << ": " << answer.error().error.message;
  if (!answer) return {};
  EXPECT_EQ(answer->status, status) << what << ": " << answer->body;
  return *answer;
}

ServerTest::Listing ServerTest::list_of(Type type, const ListScope& scope, const std::vector<Field>& fields,
                                        ListParser::Filter filter) {
  std::map<FqName, Object> objects;
  auto answer = ::test::run(
      context_, client_.list(
                    type, list(type, scope, fields),
                    [&](Object&& object) { objects[object.fq_name] = std::move(object); }, ample, std::move(filter)));
  return {.answer = std::move(answer), .objects = std::move(objects)};
}

Object ServerTest::read_back(const Object& object) {
  auto found = parse_object(object.type, expect(200, read(object.type, object.uuid)).body);
  EXPECT_TRUE(found) << object.fq_name << ": " << found.error().message;
  return found ? *found : Object{};
}

std::vector<Answer> ServerTest::all_at_once(const std::vector<Request>& requests) {
  std::vector<Answer> answers;
  for (const auto& request : requests)
    boost::asio::co_spawn(context_, client_.exchange(request, ample), [&](const std::exception_ptr& e, Answer answer) {
      EXPECT_FALSE(e);
      answers.push_back(std::move(answer));
    });
  context_.restart();
  while (answers.size() < requests.size() && context_.run_one() > 0) {
  }
  return answers;
}

nlohmann::json ServerTest::control(const std::string& method, const std::string& path, const nlohmann::json& body) {
  Request request{.method = method, .target = path, .body = body.is_null() ? "" : body.dump()};
  const auto answer = ::test::run(context_, control_.exchange(std::move(request), ample));
  if (!answer) throw std::runtime_error(answer.error().error.message);
  if (answer->status != 200) throw std::runtime_error(path + ": " + answer->body);
  return nlohmann::json::parse(answer->body);
}

}  // namespace contrail::test
