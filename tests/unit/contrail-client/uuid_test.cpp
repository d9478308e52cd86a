#include "contrail-client/uuid.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace contrail {
namespace {

// The name spaces of RFC 4122, appendix C.
const Uuid dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
const Uuid url = *Uuid::parse("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

// Python's uuid.uuid5 computed these values.
TEST(UuidV5, AgreesWithPython) {
  EXPECT_EQ(uuid_v5(dns, "python.org").text(), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
  EXPECT_EQ(uuid_v5(dns, "www.example.com").text(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(uuid_v5(url, "http://www.example.com/").text(), "fcde3c85-2270-590f-9e7c-ee003d65e0e2");
  EXPECT_EQ(uuid_v5(dns, "").text(), "4ebd0208-8328-5d69-8c44-ec50939c0967");
  EXPECT_EQ(uuid_v5(dns, std::string(1000, 'a')).text(), "062a6b1a-ddc3-5fcc-b238-790846e533d6");
}

TEST(Uuid, OnlyTheCanonicalFormIsAccepted) {
  EXPECT_TRUE(Uuid::parse("00000000-0000-0000-0000-000000000000")->is_nil());
  for (const auto* text : {"", "6ba7b8109dad11d180b400c04fd430c8", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
                           "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b810-9dad-11d1-80b4-00c04fd430c88",
                           "6ba7b81-09dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                           "6ba7b810_9dad_11d1_80b4_00c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "garbage"})
    EXPECT_FALSE(Uuid::parse(text)) << text;
}

RC_GTEST_PROP(Uuid, TextRoundTrips, (const std::array<std::uint8_t, 16>& bytes)) {
  const Uuid id{bytes};
  RC_ASSERT(Uuid::parse(id.text()) == id);
}

RC_GTEST_PROP(UuidV5, HasVersionAndVariant, (const std::string& name)) {
  const auto text = uuid_v5(dns, name).text();
  RC_ASSERT(text[14] == '5');
  RC_ASSERT(std::string_view{"89ab"}.find(text[19]) != std::string_view::npos);
}

// A thread uses one context for all its digests: earlier input must not affect the result.
RC_GTEST_PROP(UuidV5, DependsOnlyOnItsArguments, (const std::string& one, const std::string& other)) {
  const auto first = uuid_v5(dns, one);
  (void)uuid_v5(url, other);
  RC_ASSERT(uuid_v5(dns, one) == first);
}

}  // namespace
}  // namespace contrail
