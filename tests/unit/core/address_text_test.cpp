#include "controller/intent/address_text.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

std::string read(const std::string& text) {
  const auto address = read_address(text);
  return address ? address->text() : "none";
}

// Equals the result of ParseIPSloppy in Kubernetes.
TEST(AddressText, IsParsedAsInKubernetes) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"192.0.2.61", "192.0.2.61"},
      {"192.000.02.061", "192.0.2.61"},
      {"0000000192.0.2.0000000000000000061", "192.0.2.61"},
      {"010.0.0.8", "10.0.0.8"},  // decimal, not octal
      {"::ffff:192.0.2.62", "192.0.2.62"},
      {"::FFFF:c000:23e", "192.0.2.62"},
      {"::ffff:192.000.02.062", "192.0.2.62"},
      {"0:0:0:0:0:ffff:192.0.2.62", "192.0.2.62"},
      {"::192.0.2.62", "::c000:23e"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0DB8:0:0:0:0:0:0001", "2001:db8::1"},
      {"2001:0000db8::00000001", "2001:db8::1"},
      {"::", "::"},
      {"1::", "1::"},
      {"::1", "::1"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1::5:6:7:8", "1::5:6:7:8"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  };
  for (const auto& [text, meant] : table) EXPECT_EQ(read(text), meant) << text;
}

TEST(AddressText, TextThatKubernetesRejectsIsRejected) {
  for (const auto* text : {"",
                           "rubbish",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.4.",
                           ".1.2.3",
                           "1..2.3",
                           "256.0.0.1",
                           "1.2.3.0256",
                           "16777216.0.0.1",
                           "4294967296.0.0.1",
                           "-1.2.3.4",
                           "+1.2.3.4",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "0x1.2.3.4",
                           "1.2.3.4:5",
                           "1.2.3.4/32",
                           ":",
                           ":::",
                           ":1",
                           "1:",
                           "1:2",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4::5:6:7:8",
                           "::10000",
                           "::g",
                           "fe80::1%eth0",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "::1.2.3.256",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:1.2.3.4",
                           "::1:2:3:4:5:6:7:1.2.3.4",
                           "[::1]",
                           "2001:db8::1/64",
                           "::ffff:192.0.2.62:1",
                           "1:2:3:4:5:6:7:8::"})
    EXPECT_EQ(read(text), "none") << text;
  EXPECT_EQ(read(std::string("1.2.3.4\0", 8)), "none");
  EXPECT_EQ(read(std::string(100'000, '0')), "none");
  EXPECT_EQ(read(std::string(100'000, ':')), "none");
}

}  // namespace
}  // namespace knm
