// Unreadable objects in lists and watches of both encodings: each affects only itself, and its readable metadata is
// reported.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/stream.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"

namespace k8s {
namespace {

using nlohmann::json;
using test::field, test::number_field;

const Projection projection{{"name"}, {"uses", "opencontrail.org/pod-state"}};

template <class T>
struct Decoded {
  std::vector<std::string> objects;
  std::vector<Unreadable> unreadable;
  base::Result<void> result;
};

base::Result<void> feed(StreamDecoder& decoder, std::string_view bytes, std::size_t step) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    if (auto fed = decoder.feed(bytes.substr(0, step)); !fed) return fed;
  return decoder.finish();
}

template <class T>
Decoded<T> decode_list(Encoding encoding, const std::string& bytes, std::size_t step, const DecodeLimits& limits = {}) {
  Decoded<T> decoded;
  const auto decoder = make_list_decoder<T>(
      encoding, projection, limits,
      [&](T&& object) -> base::Result<void> {
        decoded.objects.push_back(object.meta.name);
        return {};
      },
      [&](Unreadable&& object) -> base::Result<void> {
        decoded.unreadable.push_back(std::move(object));
        return {};
      });
  decoded.result = feed(*decoder, bytes, step);
  return decoded;
}

template <class T>
Decoded<T> decode_watch(Encoding encoding, const std::string& bytes, std::size_t step,
                        const DecodeLimits& limits = {}) {
  Decoded<T> decoded;
  WatchEvents<T> events;
  events.on_object = [&](EventType, T&& object) -> base::Result<void> {
    decoded.objects.push_back(object.meta.name);
    return {};
  };
  events.on_unreadable = [&](EventType type, Unreadable&& object) -> base::Result<void> {
    EXPECT_EQ(type, EventType::modified);
    decoded.unreadable.push_back(std::move(object));
    return {};
  };
  events.on_bookmark = [](const Bookmark&) -> base::Result<void> { return {}; };
  events.on_error = [](const Status&) -> base::Result<void> { return {}; };
  const auto decoder = make_watch_decoder<T>(encoding, projection, limits, std::move(events));
  decoded.result = feed(*decoder, bytes, step);
  return decoded;
}

constexpr std::size_t steps[] = {1, 3, 64, 100'000};
const std::string bad = "\xff\xfe";

template <class T>
std::string protobuf_list(const std::vector<std::string>& items) {
  std::string raw = field(1, field(2, "9"));
  for (const auto& item : items) raw += field(2, item);
  return test::envelope(std::string(resource_name<T>.api_version), std::string(resource_name<T>.kind) + "List", raw);
}

template <class T>
std::string protobuf_event(const std::string& object) {
  const auto whole =
      field(1, "MODIFIED") + field(2, field(1, test::envelope(std::string(resource_name<T>.api_version),
                                                              std::string(resource_name<T>.kind), object)));
  std::string prefix;
  for (int shift = 24; shift >= 0; shift -= 8) prefix += static_cast<char>(whole.size() >> shift & 0xff);
  return prefix + whole;
}

// Checks the object `item` between two readable ones in a list and a watch, for several segments.
template <class T>
void expect_unreadable(const std::string& item, const std::string& reason, const Unreadable& is = {},
                       const DecodeLimits& limits = {}) {
  for (const auto step : steps) {
    const auto list =
        decode_list<T>(Encoding::protobuf,
                       protobuf_list<T>({test::object("before", 1), item, test::object("after", 2)}), step, limits);
    const auto watch = decode_watch<T>(Encoding::protobuf,
                                       protobuf_event<T>(test::object("before", 1)) + protobuf_event<T>(item) +
                                           protobuf_event<T>(test::object("after", 2)),
                                       step, limits);
    for (const auto* decoded : {&list, &watch}) {
      ASSERT_TRUE(decoded->result) << reason << ": " << decoded->result.error().message;
      EXPECT_EQ(decoded->objects, (std::vector<std::string>{"before", "after"})) << reason;
      ASSERT_EQ(decoded->unreadable.size(), 1u) << reason;
      const auto& object = decoded->unreadable[0];
      EXPECT_NE(object.why.find(reason), std::string::npos) << object.why << " instead of " << reason;
      EXPECT_EQ(object.name, is.name) << reason;
      EXPECT_EQ(object.ns, is.ns);
      EXPECT_EQ(object.uid, is.uid);
      EXPECT_EQ(object.resource_version, is.resource_version);
      EXPECT_EQ(object.named, !is.name.empty() && !is.ns.empty());
    }
  }
}

const Unreadable known{"ns", "x", "u", 7, "", true};

std::string meta_with(const std::string& more) {
  return field(1, field(1, "x") + field(3, "ns") + field(5, "u") + field(6, "7") + more);
}
std::string map_entry(const std::string& key, const std::string& value) { return field(1, key) + field(2, value); }

TEST(Unreadable, InvalidFieldsOfPodsInProtobufAreReported) {
  expect_unreadable<Pod>(meta_with(field(12, map_entry("uses", bad))), "'uses' is not UTF-8", known);
  expect_unreadable<Pod>(meta_with(field(12, map_entry("opencontrail.org/pod-state", bad))), "pod-state", known);
  expect_unreadable<Pod>(meta_with(field(11, map_entry("name", bad))), "'name' is not UTF-8", known);
  expect_unreadable<Pod>(meta_with("") + field(2, field(10, bad)), "not UTF-8", known);
  expect_unreadable<Pod>(meta_with("") + field(3, field(1, bad)), "not UTF-8", known);
  expect_unreadable<Pod>(meta_with("") + field(3, number_field(1, 1)), "wire type", known);
}

TEST(Unreadable, InvalidFieldsOfServicesInProtobufAreReported) {
  for (const unsigned number : {3U, 5U, 7U, 8U, 9U, 11U, 18U, 21U, 22U})
    expect_unreadable<Service>(meta_with("") + field(2, field(number, bad)), "not UTF-8", known);
  expect_unreadable<Service>(meta_with("") + field(2, field(4, "Wormhole")), "service type 'Wormhole' is unknown",
                             known);
  for (const unsigned number : {1U, 2U})
    expect_unreadable<Service>(meta_with("") + field(3, field(1, field(1, field(number, bad)))), "not UTF-8", known);
  for (const unsigned number : {1U, 2U})
    expect_unreadable<Service>(meta_with("") + field(2, field(1, field(number, bad))), "not UTF-8", known);
  for (const unsigned number : {3U, 5U})
    expect_unreadable<Service>(meta_with("") + field(2, field(1, number_field(number, 1ULL << 40))), "out of range",
                               known);
  expect_unreadable<Service>(meta_with("") + field(2, field(1, field(4, number_field(2, 1ULL << 40)))), "out of range",
                             known);
}

// The last address type counts, and it is a known one.
TEST(Unreadable, InvalidFieldsOfSlicesInProtobufAreReported) {
  const auto slice = [](const std::string& more) { return meta_with("") + field(4, "IPv4") + more; };
  const auto expect_unreadable_slice = [&](const std::string& item, const std::string& reason) {
    const auto before = test::object("before", 1) + field(4, "IPv4");
    for (const auto step : steps) {
      const auto list =
          decode_list<EndpointSlice>(Encoding::protobuf, protobuf_list<EndpointSlice>({before, item}), step);
      ASSERT_TRUE(list.result) << list.result.error().message;
      EXPECT_EQ(list.objects.size(), 1u);
      ASSERT_EQ(list.unreadable.size(), 1u) << reason;
      EXPECT_EQ(list.unreadable[0].name, "x");
      EXPECT_NE(list.unreadable[0].why.find(reason), std::string::npos) << list.unreadable[0].why;
    }
  };
  for (const unsigned number : {1U, 2U, 3U, 4U})
    expect_unreadable_slice(slice(field(2, field(4, field(number, bad)))), "not UTF-8");  // targetRef
  expect_unreadable_slice(slice(field(2, field(1, bad))), "not UTF-8");                   // an address
  expect_unreadable_slice(slice(field(4, "IPv9")), "address type 'IPv9' is unknown");
  expect_unreadable_slice(field(1, field(1, "x") + field(3, "ns") + field(6, "7") +
                                       field(11, map_entry("kubernetes.io/service-name", bad))) +
                              field(4, "IPv4"),
                          "not UTF-8");
}

TEST(Unreadable, ReadableMetadataIsReported) {
  const auto meta = [](const std::string& name, const std::string& ns, const std::string& uid,
                       const std::string& version) {
    return field(1, field(1, name) + field(3, ns) + field(5, uid) + field(6, version));
  };
  expect_unreadable<Pod>(meta("x", "ns", "u", "abc"), "'abc' is not a number", {"ns", "x", "u", 0, "", true});
  expect_unreadable<Pod>(meta("x", "ns", "u", "99999999999999999999999"), "is not a number",
                         {"ns", "x", "u", 0, "", true});
  expect_unreadable<Pod>(meta("x", "ns", bad, "7"), "not UTF-8", {"ns", "x", "", 7, "", true});
  expect_unreadable<Pod>(meta(bad, "ns", "u", "7"), "not UTF-8", {"ns", "", "u", 7, "", false});
  expect_unreadable<Pod>(meta("x", bad, "u", "7"), "not UTF-8", {"", "x", "u", 7, "", false});
  expect_unreadable<Pod>(meta("", "ns", "u", "7"), "name is missing", {"ns", "", "u", 7, "", false});
  expect_unreadable<Pod>("", "name is missing");
  expect_unreadable<Pod>("\xff\xff", "", {});
  expect_unreadable<Pod>(field(1, field(1, "x") + field(3, "ns") + field(5, "u") + field(6, "7") + "\x0b"), "", known);
}

TEST(Unreadable, AnObjectAboveTheLimitIsNotStoredAndIsNamedByItsBeginning) {
  const DecodeLimits limits{.object_bytes = 40'000};
  const auto big = meta_with(field(12, map_entry("other", std::string(50'000, 'a'))));
  expect_unreadable<Pod>(big, "exceeds the limit of 40000", known, limits);
  expect_unreadable<Pod>(meta_with("") + field(2, std::string(50'000, 'a')), "exceeds the limit", known, limits);
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i > 0 ? ",\n" : "") + items[i];
  return out + "]}\n";
}
std::string json_pod(const std::string& name, const std::string& more = "") {
  return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":")" + name +
         R"(","namespace":"ns","uid":"u","resourceVersion":"7")" + more + "}";
}
std::string json_event(const std::string& object) { return R"({"type":"MODIFIED","object":)" + object + "}\n"; }

void expect_unreadable_json(const std::string& item, const std::string& reason, const DecodeLimits& limits = {}) {
  const auto before = json_pod("before", "}"), after = json_pod("after", "}");
  for (const auto step : steps) {
    const auto list = decode_list<Pod>(Encoding::json, json_list({before, item, after}), step, limits);
    const auto watch =
        decode_watch<Pod>(Encoding::json, json_event(before) + json_event(item) + json_event(after), step, limits);
    for (const auto* decoded : {&list, &watch}) {
      ASSERT_TRUE(decoded->result) << reason << ": " << decoded->result.error().message;
      EXPECT_EQ(decoded->objects, (std::vector<std::string>{"before", "after"})) << reason;
      ASSERT_EQ(decoded->unreadable.size(), 1u) << reason;
      EXPECT_NE(decoded->unreadable[0].why.find(reason), std::string::npos) << decoded->unreadable[0].why;
      EXPECT_EQ(decoded->unreadable[0].name, "x") << reason;
      EXPECT_EQ(decoded->unreadable[0].ns, "ns");
      EXPECT_EQ(decoded->unreadable[0].resource_version, 7u);
      EXPECT_TRUE(decoded->unreadable[0].named);
    }
  }
}

TEST(Unreadable, InvalidFieldsInJsonAreReported) {
  expect_unreadable_json(json_pod("x", R"(,"annotations":{"uses":"\xff\xfe"}})"), "JSON");  // a backslash x is not JSON
  expect_unreadable_json(json_pod("x", ",\"annotations\":{\"uses\":\"" + bad + "\"}}"), "not JSON");
  expect_unreadable_json(json_pod("x", R"(,"annotations":{"uses":7}})"), "values that are not strings");
  expect_unreadable_json(json_pod("x", R"(,"creationTimestamp":"yesterday"})"), "yesterday");
  expect_unreadable_json(json_pod("x", R"(},"spec":{"hostNetwork":"yes"})"), "hostNetwork");
  expect_unreadable_json(json_pod("x", R"(},"status":[])"), "status");
}

TEST(Unreadable, AJsonObjectAboveTheLimitIsReported) {
  const DecodeLimits limits{.object_bytes = 40'000};
  expect_unreadable_json(json_pod("x", R"(,"annotations":{"other":")" + std::string(50'000, 'a') + R"("}})"),
                         "exceeds the limit of 40000", limits);
}

// The line may hide the end of another event: only a list shows what it was.
TEST(Unreadable, ALineThatIsNotOneEventEndsTheStream) {
  const auto one = json_event(json_pod("x", "}")), two = json_event(json_pod("after", "}"));
  const auto joined = one.substr(0, one.size() - 1);
  for (const auto& text : {joined + two, joined + "," + two, one.substr(1) + two, one.substr(0, 30) + "\n" + two,
                           joined + std::string(1000, ' ') + two, R"({"type":"MODIFIED)" + two}) {
    for (const auto step : steps) {
      for (const DecodeLimits& limits : {DecodeLimits{}, DecodeLimits{.object_bytes = 200}}) {
        const auto decoded = decode_watch<Pod>(Encoding::json, text, step, limits);
        EXPECT_FALSE(decoded.result) << text;
        EXPECT_TRUE(decoded.unreadable.empty()) << text;
      }
    }
  }
}

TEST(Unreadable, ALineThatCannotBecomeOneEventEndsTheStreamBeforeItsEnd) {
  const DecodeLimits limits{.object_bytes = 200};
  const auto one = json_event(json_pod("x", "}"));
  const auto decoded = decode_watch<Pod>(
      Encoding::json, one.substr(0, one.size() - 1) + std::string(1000, ' ') + one.substr(0, one.size() - 1), 64,
      limits);
  ASSERT_FALSE(decoded.result);
  EXPECT_NE(decoded.result.error().message.find("a line is not one event"), std::string::npos)
      << decoded.result.error().message;
}

// A frame with a length that covers the frames after it would hide them until so much has come.
TEST(Unreadable, AFrameThatIsLongerThanItsEventEndsTheStreamAtOnce) {
  const auto event = protobuf_event<Pod>(test::object("before", 1)), other = protobuf_event<Pod>(test::object("x", 2));
  for (const std::uint32_t length : {10'000U, 10'000'000U, 1U << 30, 0xffff'ffffU}) {
    for (const auto step : steps) {
      auto wrong = other;
      for (int i = 0; i < 4; ++i) wrong[static_cast<std::size_t>(i)] = static_cast<char>(length >> (24 - 8 * i) & 0xff);
      const auto decoded = decode_watch<Pod>(Encoding::protobuf, event + wrong + event + event + event, step);
      ASSERT_FALSE(decoded.result);
      EXPECT_EQ(decoded.result.error().message.find("it ends inside"), std::string::npos)
          << length << ": " << decoded.result.error().message;
      EXPECT_EQ(decoded.objects, std::vector<std::string>{"before"});
      EXPECT_TRUE(decoded.unreadable.empty());
    }
  }
}

// An event above the limit that begins with more blanks than are kept of it.
TEST(Unreadable, AJsonEventBehindManyBlanksIsNotLost) {
  const std::string line = std::string(20'000, ' ') + R"({"type":"MODIFIED","object":{"kind":"Pod"}})" + "\n";
  for (const auto step : steps) {
    const auto decoded = decode_watch<Pod>(Encoding::json, line, step, {.object_bytes = 300});
    EXPECT_TRUE(!decoded.result || decoded.unreadable.size() == 1);
  }
}

TEST(Unreadable, JsonItemsThatAreNotObjectsAreReported) {
  for (const char* item : {"null", "7", "\"text\"", "[1,2]", "{]", "{\"metadata\":[]}", "{}", "tru"}) {
    const auto decoded =
        decode_list<Pod>(Encoding::json, json_list({json_pod("before", "}"), item, json_pod("after", "}")}), 5);
    ASSERT_TRUE(decoded.result) << item << decoded.result.error().message;
    EXPECT_EQ(decoded.objects.size(), 2u) << item;
    ASSERT_EQ(decoded.unreadable.size(), 1u) << item;
    EXPECT_FALSE(decoded.unreadable[0].named) << item;
  }
}

TEST(Unreadable, AnInvalidListIsAnError) {
  for (const char* text :
       {"", "[]", "{", R"({"items":[{},]})", R"({"items":[,{}]})", R"({"items":[{}{}]})", R"({"items":[],"items":[]})",
        R"({"kind" "x"})", R"({"kind":})", R"({"items":{}})", "{}x", "{} {}",
        R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"x"},"items":[]})",
        R"({"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]})",
        R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"}})",
        R"({"kind":"Status","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]})"})
    for (const auto step : steps) EXPECT_FALSE(decode_list<Pod>(Encoding::json, text, step).result) << text;
}

TEST(Unreadable, TheMembersOfAJsonListMayComeInAnyOrder) {
  const auto decoded = decode_list<Pod>(Encoding::json,
                                        R"( { "apiVersion" : "v1" , "items" : [ )" + json_pod("a", "}") +
                                            R"( ] , "kind" : "PodList" , "metadata" : { "resourceVersion" : "9" } } )",
                                        1);
  ASSERT_TRUE(decoded.result) << decoded.result.error().message;
  EXPECT_EQ(decoded.objects.size(), 1u);
}

TEST(Unreadable, ReasonsHaveNoControlCharactersAndALimitedLength) {
  const auto decoded = decode_list<Service>(
      Encoding::protobuf,
      protobuf_list<Service>({meta_with("") + field(2, field(4, "\x1b[31m" + std::string(5000, 'x')))}), 64);
  ASSERT_EQ(decoded.unreadable.size(), 1u);
  EXPECT_LT(decoded.unreadable[0].why.size(), 300u);
  EXPECT_EQ(decoded.unreadable[0].why.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace k8s
