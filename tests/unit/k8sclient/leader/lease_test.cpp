#include "k8sclient/leader/lease.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const LeaseSpec spec{"me", 15s, 3, "2026-01-02T03:04:05.000006Z", "2026-01-02T03:04:15.000006Z"};

TEST(Lease, IsReadAsItWasWritten) {
  auto object = json::parse(lease_body({"a", "b"}, spec));
  EXPECT_EQ(object["apiVersion"], "coordination.k8s.io/v1");
  EXPECT_EQ(object["kind"], "Lease");
  EXPECT_EQ(object["metadata"], json::parse(R"({"name":"b","namespace":"a"})"));
  EXPECT_EQ(object["spec"]["leaseDurationSeconds"], 15);
  object["metadata"]["resourceVersion"] = "77";
  EXPECT_EQ(read_lease(object.dump()).value(), (Lease{spec, 77}));
}

TEST(Lease, AnUpdateKeepsTheOtherFields) {
  const auto* read = R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"b","namespace":"a","uid":"u","resourceVersion":"5","labels":{"k":"v"},"managedFields":[{}]},
    "spec":{"holderIdentity":"other","preferredHolder":"third"}})";
  const auto body = json::parse(lease_body(read, {"a", "b"}, {spec, 6}));
  EXPECT_EQ(body["metadata"],
            json::parse(R"({"name":"b","namespace":"a","uid":"u","resourceVersion":"6","labels":{"k":"v"}})"));
  EXPECT_EQ(body["spec"]["preferredHolder"], "third");
  EXPECT_EQ(body["spec"]["holderIdentity"], "me");
  EXPECT_EQ(body["spec"]["leaseTransitions"], 3);
  EXPECT_EQ(json::parse(lease_body("", {"a", "b"}, {spec, 6}))["metadata"]["name"], "b");
}

TEST(Lease, FieldsMayBeAbsent) {
  const auto lease = [](const std::string& fields) {
    return read_lease(R"({"kind":"Lease","metadata":{"resourceVersion":"5"})" + fields + "}").value();
  };
  EXPECT_EQ(lease("").spec, LeaseSpec{});
  EXPECT_EQ(lease(R"(,"spec":null)").spec, LeaseSpec{});
  EXPECT_EQ(lease(R"(,"spec":{"holderIdentity":null,"leaseDurationSeconds":-3,"leaseTransitions":99999999999})").spec,
            LeaseSpec{});
  EXPECT_EQ(lease(R"(,"spec":{"holderIdentity":"x","renewTime":7})").spec, (LeaseSpec{"x", 0s, 0, "", ""}));
}

TEST(Lease, AnythingElseIsAnError) {
  for (const char* text : {"", "garbage", "[]", "7", R"({"kind":"Lease"})", R"({"kind":"Lease","metadata":{}})",
                           R"({"kind":"Lease","metadata":{"resourceVersion":"x"}})",
                           R"({"kind":"Status","metadata":{"resourceVersion":"5"}})",
                           R"({"kind":"Lease","metadata":{"resourceVersion":"5"},"spec":[]})",
                           R"({"kind":"Lease","metadata":{"resourceVersion":"5"},"spec":{"holderIdentity":7}})"}) {
    const auto lease = read_lease(text);
    ASSERT_FALSE(lease) << text;
    EXPECT_EQ(lease.error().code, errc::malformed) << text;
  }
}

TEST(Lease, PathsAreEncoded) {
  EXPECT_EQ(lease_path({"a b", "c/d"}), "/apis/coordination.k8s.io/v1/namespaces/a%20b/leases/c%2Fd");
}

}  // namespace
}  // namespace k8s
