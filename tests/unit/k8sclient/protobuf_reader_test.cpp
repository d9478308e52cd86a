// The reader of protobuf fields beside protozero's: the same fields from every message.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>

#include "k8sclient/decode/protobuf_fields.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"

namespace k8s {
namespace {

// Tag, wire type, and the number or the bytes.
using Field = std::tuple<std::uint32_t, pb::Wire, std::uint64_t, std::string>;

struct Fields {
  std::vector<Field> all;  // up to the end or the damage
  bool good = false;
  friend bool operator==(const Fields&, const Fields&) = default;
};

Fields fields_of(std::string_view message) {
  Fields out;
  try {
    for (pb::Reader reader(message); reader.next();)
      out.all.emplace_back(reader.tag(), reader.wire_type(),
                           reader.wire_type() == pb::Wire::varint ? reader.number() : 0,
                           reader.wire_type() == pb::Wire::length_delimited ? reader.content() : "");
    out.good = true;
  } catch (const std::exception&) {
  }
  return out;
}

// protozero counts only 32 bits of a length.
void expect_length_of_32_bits(const protozero::pbf_reader& reader) {
  const auto rest = reader.data();
  const char* at = rest.data();
  if (protozero::decode_varint(&at, rest.data() + rest.size()) > std::numeric_limits<std::uint32_t>::max())
    throw protozero::end_of_buffer_exception();
}

Fields expected_of(const std::string& message) {
  Fields out;
  try {
    for (protozero::pbf_reader reader(message); reader.next();) {
      const auto tag = reader.tag();
      const auto wire = reader.wire_type();
      std::uint64_t number = 0;
      std::string content;
      if (wire == pb::Wire::length_delimited) expect_length_of_32_bits(reader);
      if (wire == pb::Wire::varint)
        number = reader.get_uint64();
      else if (wire == pb::Wire::length_delimited)
        content = reader.get_string();
      else
        reader.skip();
      out.all.emplace_back(tag, wire, number, content);
    }
    out.good = true;
  } catch (const std::exception&) {
  }
  return out;
}

TEST(ProtobufReader, ReadsTheFieldsThatProtozeroReads) {
  std::mt19937 random(77);
  std::size_t good = 0, bad = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string message;
    for (auto left = random() % 6; left > 0; --left) {
      const auto number = static_cast<unsigned>(1 + random() % (random() % 4 == 0 ? 20'000 : 30));
      if (random() % 2 == 0)
        message += test::number_field(number, std::uint64_t{random()} << random() % 40);
      else
        message += test::field(number, std::string(random() % (random() % 8 == 0 ? 400 : 20), 'x'));
    }
    for (auto hits = random() % 3; hits > 0 && !message.empty(); --hits)
      message[random() % message.size()] = static_cast<char>(random());
    if (random() % 4 == 0 && !message.empty()) message.resize(random() % message.size());
    const auto expected = expected_of(message);
    ASSERT_EQ(fields_of(message), expected) << testing::PrintToString(message);
    ++(expected.good ? good : bad);
  }
  EXPECT_GT(good, 5000u);
  EXPECT_GT(bad, 2000u);
}

TEST(ProtobufReader, LimitsAreThoseOfTheFormat) {
  const std::string nine(9, '\xff');
  EXPECT_TRUE(fields_of("\x08" + nine + "\x01").good);
  for (const std::string& bad :
       {"\x08" + nine + "\xff\x01", "\x08" + nine, std::string("\x08"), std::string("\x0a\x01"),
        std::string("\x09"
                    "1234567"),
        std::string("\x0d"
                    "123"),
        std::string("\x0b"), std::string("\x0c"), std::string("\x0e"), std::string("\x02\x00", 2)})
    EXPECT_FALSE(fields_of(bad).good) << testing::PrintToString(bad);
  // A length that would fit if only 32 bits of it counted.
  EXPECT_FALSE(fields_of("\x0a\x81\x80\x80\x80\x10x").good);
}

// A zero may be written in more bytes than one.
TEST(ProtobufReader, ABooleanIsReadAsANumber) {
  const auto host_network = [](const std::string& value) {
    return decode_object<Pod>(Encoding::protobuf, {}, test::object("a", 7) + test::field(2, "\x58" + value));
  };
  EXPECT_TRUE(host_network("\x01").value().host_network);
  EXPECT_TRUE(host_network("\x80\x01").value().host_network);
  EXPECT_FALSE(host_network(std::string("\x00", 1)).value().host_network);
  EXPECT_FALSE(host_network(std::string("\x80\x00", 2)).value().host_network);
  EXPECT_FALSE(host_network(""));
}

// A map's entry may leave its key or value out, repeat them, and have them in either order.
TEST(ProtobufReader, ALabelIsReadFromAnyFormOfItsEntry) {
  const auto label = [](const std::string& entry) -> std::string {
    const std::string meta = test::field(1, "a") + test::field(6, "7") + test::field(11, entry);
    const auto pod = decode_object<Pod>(Encoding::protobuf, {.labels = {"k"}}, test::field(1, meta));
    if (!pod) return pod.error().message;
    return pod->meta.labels.empty() ? "none" : pod->meta.labels.front().second;
  };
  const auto key = test::field(1, "k"), value = test::field(2, "v");
  EXPECT_EQ(label(key + value), "v");
  EXPECT_EQ(label(value + key), "v");
  EXPECT_EQ(label(key + test::field(2, "w") + value), "v");
  EXPECT_EQ(label(test::field(1, "l") + value + key), "v");
  EXPECT_EQ(label(key + value + test::number_field(3, 1)), "v");
  EXPECT_EQ(label(key), "");
  EXPECT_EQ(label(key + test::field(2, "")), "");
  EXPECT_EQ(label(value), "none");
  EXPECT_EQ(label(test::field(1, "") + value), "none");
  for (const std::size_t size : {123u, 124u, 127u, 128u, 300u}) {
    const std::string text(size, 'x');
    EXPECT_EQ(label(key + test::field(2, text)), text);
    EXPECT_EQ(label(test::field(1, text) + value), "none");
  }
  // The entry ends in the middle of its value.
  const auto whole = key + value;
  EXPECT_NE(label(whole.substr(0, whole.size() - 1)), "none");
  EXPECT_NE(label(whole.substr(0, whole.size() - 1)), "v");
}

}  // namespace
}  // namespace k8s
