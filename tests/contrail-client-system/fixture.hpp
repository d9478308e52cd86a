#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "contrail-client/rest/client.hpp"
#include "tests/contrail-client-system/stand_in.hpp"

namespace contrail::test {

// A server, a client of it, and the server's own counters to prove what happened there.
class ServerTest : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds ample{20'000};
  static constexpr std::chrono::milliseconds short_time{50};  // for answers that never come

  static net::Endpoint endpoint(const std::string& url) { return net::parse_endpoint(url).value(); }

  Answer exchange(Request request, std::chrono::milliseconds timeout = ample);
  // As exchange(), and a failure of the test where the status is another one.
  Response expect(int status, Request request);

  struct Listing {
    Answer answer;
    std::map<FqName, Object> objects;
  };
  Listing list_of(Type type, const ListScope& scope, const std::vector<Field>& fields, ListParser::Filter filter = {});
  Object read_back(const Object& object);
  // All answers of requests that are made at once.
  std::vector<Answer> all_at_once(const std::vector<Request>& requests);

  nlohmann::json control(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr);
  nlohmann::json stats() { return control("GET", "/_control/stats"); }
  // The next request that may meet it meets this fault.
  void arm(const std::string& fault) { control("PUT", "/_control/faults", {{fault, {{"next", 1}}}}); }
  // How often it happened.
  int count(const std::string& fault) { return stats().at("faults").at(fault); }

  boost::asio::io_context context_;
  StandIn server_;
  Client client_{context_.get_executor(), {endpoint(server_.url())}};
  Client control_{context_.get_executor(), {endpoint(server_.control())}};
};

}  // namespace contrail::test
