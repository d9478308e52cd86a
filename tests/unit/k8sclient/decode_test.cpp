// Lists and watches recorded from a real API server: both encodings give the same objects for any segments. Damaged
// data is an error, never a crash.
#include <gtest/gtest.h>

#include <random>
#include <variant>

#include "base/utf8.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/decode/stream.hpp"
#include "k8sclient/decode/text.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"
#include "tests/unit/k8sclient/support/recordings.hpp"

namespace k8s {
namespace {

using test::recording;

const Projection some{{"name", "uses"}, {"keep"}};

template <class T>
struct Decoded {
  std::vector<T> objects;
  std::vector<EventType> types;
  std::vector<Bookmark> bookmarks;
  std::vector<Status> errors;
  ListMeta meta;
  base::Result<void> result;

  friend bool operator==(const Decoded& a, const Decoded& b) {
    return a.objects == b.objects && a.types == b.types && a.bookmarks == b.bookmarks && a.errors == b.errors &&
           a.meta == b.meta;
  }
};

// Feeds the bytes in pieces of `step`; 0: all at once.
base::Result<void> feed(StreamDecoder& decoder, std::string_view bytes, std::size_t step) {
  if (step == 0) step = std::max<std::size_t>(1, bytes.size());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    if (auto fed = decoder.feed(bytes.substr(0, step)); !fed) return fed;
  return decoder.finish();
}

template <class T>
Decoded<T> decode_list(Encoding encoding, std::string_view bytes, std::size_t step = 0,
                       const DecodeLimits& limits = {}) {
  Decoded<T> decoded;
  const auto decoder = make_list_decoder<T>(encoding, some, limits, [&decoded](T&& object) -> base::Result<void> {
    decoded.objects.push_back(std::move(object));
    return {};
  });
  decoded.result = feed(*decoder, bytes, step);
  if (decoded.result) decoded.meta = decoder->meta();
  return decoded;
}

template <class T>
Decoded<T> decode_watch(Encoding encoding, std::string_view bytes, std::size_t step = 0,
                        const DecodeLimits& limits = {}) {
  Decoded<T> decoded;
  WatchEvents<T> events;
  events.on_object = [&decoded](EventType type, T&& object) -> base::Result<void> {
    decoded.types.push_back(type);
    decoded.objects.push_back(std::move(object));
    return {};
  };
  events.on_bookmark = [&decoded](const Bookmark& bookmark) -> base::Result<void> {
    decoded.bookmarks.push_back(bookmark);
    return {};
  };
  events.on_error = [&decoded](const Status& status) -> base::Result<void> {
    decoded.errors.push_back(status);
    return {};
  };
  const auto decoder = make_watch_decoder<T>(encoding, some, limits, std::move(events));
  decoded.result = feed(*decoder, bytes, step);
  return decoded;
}

template <class T>
const T& named(const std::vector<T>& objects, const std::string& name) {
  for (const auto& object : objects)
    if (object.meta.name == name) return object;
  throw std::runtime_error("no " + name);
}

template <class T>
struct RecordedTest : testing::Test {};
using Kinds = testing::Types<Pod, Service, Namespace, EndpointSlice>;
TYPED_TEST_SUITE(RecordedTest, Kinds);

template <class T>
std::string file(const char* what, const char* ending) {
  return recording(std::string(what) + "-" + std::string(resource_name<T>.plural) + "." + ending);
}

TYPED_TEST(RecordedTest, BothEncodingsGiveTheSameObjects) {
  const auto list = decode_list<TypeParam>(Encoding::protobuf, file<TypeParam>("list", "pb"));
  ASSERT_TRUE(list.result) << list.result.error().message;
  EXPECT_FALSE(list.objects.empty());
  EXPECT_GT(list.meta.resource_version, 0u);
  EXPECT_EQ(list.objects, decode_list<TypeParam>(Encoding::json, file<TypeParam>("list", "json")).objects);

  const auto watch = decode_watch<TypeParam>(Encoding::protobuf, file<TypeParam>("watch", "pb"));
  ASSERT_TRUE(watch.result) << watch.result.error().message;
  EXPECT_FALSE(watch.objects.empty());
  const auto in_json = decode_watch<TypeParam>(Encoding::json, file<TypeParam>("watch", "json"));
  ASSERT_TRUE(in_json.result) << in_json.result.error().message;
  for (const auto& object : in_json.objects) EXPECT_EQ(object, named(watch.objects, object.meta.name));
}

TYPED_TEST(RecordedTest, TheResultDoesNotDependOnTheSegments) {
  for (const Encoding encoding : {Encoding::protobuf, Encoding::json}) {
    const char* ending = encoding == Encoding::json ? "json" : "pb";
    const auto list = file<TypeParam>("list", ending), watch = file<TypeParam>("watch", ending);
    const auto whole_list = decode_list<TypeParam>(encoding, list);
    const auto whole_watch = decode_watch<TypeParam>(encoding, watch);
    for (const std::size_t step : {1, 2, 3, 7, 64, 1000}) {
      EXPECT_EQ(decode_list<TypeParam>(encoding, list, step), whole_list) << step;
      EXPECT_EQ(decode_watch<TypeParam>(encoding, watch, step), whole_watch) << step;
    }
  }
}

TYPED_TEST(RecordedTest, ATruncatedListIsAnError) {
  for (const Encoding encoding : {Encoding::protobuf, Encoding::json}) {
    const auto list = file<TypeParam>("list", encoding == Encoding::json ? "json" : "pb");
    // The last four bytes of protobuf are empty fields, the last two of JSON a line break: both may be missing.
    const std::size_t needed = list.size() - (encoding == Encoding::json ? 2 : 4);
    const std::size_t step = encoding == Encoding::json ? 7 : 1;  // parsing each prefix of JSON is slow
    for (std::size_t size = 0; size < needed; size += step) {
      const auto decoded = decode_list<TypeParam>(encoding, std::string_view(list).substr(0, size));
      ASSERT_FALSE(decoded.result) << "cut at " << size;
      EXPECT_EQ(decoded.result.error().code, errc::malformed);
    }
  }
}

TYPED_TEST(RecordedTest, ATruncatedWatchKeepsTheEarlierEvents) {
  for (const Encoding encoding : {Encoding::protobuf, Encoding::json}) {
    const auto watch = file<TypeParam>("watch", encoding == Encoding::json ? "json" : "pb");
    const auto whole = decode_watch<TypeParam>(encoding, watch);
    std::size_t ends = 0;
    for (std::size_t size = 1; size < watch.size(); ++size) {
      const auto decoded = decode_watch<TypeParam>(encoding, std::string_view(watch).substr(0, size), 100);
      ASSERT_LE(decoded.objects.size(), whole.objects.size());
      ASSERT_TRUE(std::equal(decoded.objects.begin(), decoded.objects.end(), whole.objects.begin()));
      ends += decoded.result ? 1 : 0;
    }
    // A cut is only correct between two events.
    EXPECT_EQ(ends + 1, whole.objects.size() + whole.bookmarks.size());
  }
}

// The result may be an error or objects; the sanitizers check this test.
TYPED_TEST(RecordedTest, DamagedDataNeverCrashes) {
  std::mt19937 random(20240607);
  std::size_t errors = 0;
  for (const Encoding encoding : {Encoding::protobuf, Encoding::json}) {
    const char* ending = encoding == Encoding::json ? "json" : "pb";
    for (const bool is_list : {true, false}) {
      const auto original = file<TypeParam>(is_list ? "list" : "watch", ending);
      for (int round = 0; round < 400; ++round) {
        std::string bytes = original;
        const int hits = 1 + static_cast<int>(random() % 4);
        for (int hit = 0; hit < hits; ++hit) bytes[random() % bytes.size()] = static_cast<char>(random());
        if (round % 4 == 0) bytes.erase(random() % bytes.size(), random() % 50);
        const std::size_t step = 1 + random() % 3000;
        errors += is_list ? !decode_list<TypeParam>(encoding, bytes, step).result
                          : !decode_watch<TypeParam>(encoding, bytes, step).result;
      }
    }
  }
  EXPECT_GT(errors, 100u);
}

TEST(RecordedPods, HaveTheFieldsOfTheProjection) {
  const auto pods = decode_list<Pod>(Encoding::protobuf, recording("list-pods.pb")).objects;
  const Pod& plain = named(pods, "plain");
  EXPECT_EQ(plain.meta.ns, "shop");
  EXPECT_EQ(plain.meta.labels, (std::vector<KeyValue>{{"name", "web"}, {"uses", "db"}}));
  EXPECT_EQ(plain.meta.annotations, (std::vector<KeyValue>{{"keep", "ünï©ode ✓"}}));
  EXPECT_EQ(plain.meta.uid.size(), 36u);
  EXPECT_GT(plain.meta.creation_timestamp, 1'700'000'000);
  EXPECT_FALSE(plain.meta.terminating || plain.mirror || plain.host_network);
  EXPECT_TRUE(plain.ready);
  EXPECT_EQ(plain.phase, PodPhase::running);
  EXPECT_FALSE(plain.node.empty());
  const Pod& host = named(pods, "host");
  EXPECT_TRUE(host.meta.terminating && host.mirror && host.host_network);
}

TEST(RecordedServices, HaveTheFieldsOfTheProjection) {
  const auto services = decode_list<Service>(Encoding::protobuf, recording("list-services.pb")).objects;
  const Service& front = named(services, "front");
  EXPECT_EQ(front.type, ServiceType::load_balancer);
  EXPECT_TRUE(front.has_load_balancer_class && front.has_selector);
  EXPECT_EQ(front.load_balancer_class, "example.org/lb");
  EXPECT_EQ(front.load_balancer_ip, "192.0.2.9");
  EXPECT_EQ(front.load_balancer_source_ranges, std::vector<std::string>{"192.0.2.0/24"});
  EXPECT_EQ(front.external_ips, std::vector<std::string>{"198.51.100.77"});
  EXPECT_EQ(front.external_traffic_policy, "Local");
  EXPECT_EQ(front.internal_traffic_policy, "Cluster");
  EXPECT_EQ(front.session_affinity, "None");
  ASSERT_EQ(front.ports.size(), 3u);
  EXPECT_EQ(front.ports[0].target_name, "web");
  EXPECT_EQ(front.ports[0].target_port, 0);
  EXPECT_EQ(front.ports[1].target_port, 81);
  EXPECT_EQ(front.ports[2].target_port, 83);
  EXPECT_EQ(front.ports[2].protocol, "UDP");
  EXPECT_GT(front.ports[0].node_port, 0);
  const Service& headless = named(services, "headless");
  EXPECT_EQ(headless.cluster_ips, std::vector<std::string>{"None"});
  EXPECT_TRUE(headless.publish_not_ready_addresses);
  EXPECT_FALSE(headless.has_selector || headless.has_load_balancer_class);
  EXPECT_EQ(named(services, "elsewhere").type, ServiceType::external_name);
  EXPECT_TRUE(named(services, "elsewhere").cluster_ips.empty());
}

TEST(RecordedSlices, HaveTheFieldsOfTheProjection) {
  const auto slices = decode_list<EndpointSlice>(Encoding::protobuf, recording("list-endpointslices.pb")).objects;
  const EndpointSlice& slice = named(slices, "by-hand");
  EXPECT_EQ(slice.service, "headless");
  EXPECT_TRUE(slice.meta.labels.empty());
  EXPECT_EQ(slice.address_type, AddressType::ipv6);
  ASSERT_EQ(slice.endpoints.size(), 3u);
  EXPECT_TRUE(slice.endpoints[0].ready && slice.endpoints[0].serving);
  EXPECT_FALSE(slice.endpoints[1].ready || slice.endpoints[1].serving);
  EXPECT_TRUE(slice.endpoints[2].serving && slice.endpoints[2].terminating && !slice.endpoints[2].ready);
  EXPECT_EQ(slice.endpoints[2].target_name, "plain");
}

std::string list_of_slices(const std::string& slice) {
  return test::envelope("discovery.k8s.io/v1", "EndpointSliceList",
                        test::field(1, test::field(2, "9")) + test::field(2, slice));
}

// Name and port are optional, and the default protocol is TCP. The number of ports is limited.
TEST(SlicePorts, AreReadFromBothEncodings) {
  const auto port = [](const std::string& name, int number) {
    return test::field(3, (name.empty() ? "" : test::field(1, name)) + test::field(2, "UDP") +
                              (number == 0 ? "" : test::number_field(3, static_cast<unsigned>(number))));
  };
  const auto slice =
      test::object("a", 7) + port("dns", 5353) + port("", 0) + test::field(3, "") + test::field(4, "IPv6");
  const auto from_protobuf = decode_list<EndpointSlice>(Encoding::protobuf, list_of_slices(slice));
  ASSERT_TRUE(from_protobuf.result) << from_protobuf.result.error().message;
  const auto from_json = decode_list<EndpointSlice>(
      Encoding::json,
      R"({"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{"resourceVersion":"9"},"items":[
        {"metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"7"},"addressType":"IPv6","endpoints":null,
         "ports":[{"name":"dns","protocol":"UDP","port":5353},{"name":null,"protocol":"UDP","port":null},{}]}]})");
  ASSERT_TRUE(from_json.result) << from_json.result.error().message;
  const std::vector<EndpointPort> expected{{"dns", "UDP", 5353}, {"", "UDP", 0}, {"", "TCP", 0}};
  EXPECT_EQ(from_protobuf.objects.at(0).ports, expected);
  EXPECT_EQ(from_json.objects.at(0).ports, expected);
}

TEST(SlicePorts, BeyondTheLimitOfKubernetesAreNotRead) {
  auto slice = test::object("a", 7) + test::field(4, "IPv4");
  for (std::size_t i = 0; i <= max_slice_ports; ++i) slice += test::field(3, test::number_field(3, 1));
  const auto decoded = decode_list<EndpointSlice>(Encoding::protobuf, list_of_slices(slice));
  ASSERT_TRUE(decoded.result) << decoded.result.error().message;
  EXPECT_EQ(decoded.objects.at(0).ports.size(), max_slice_ports);
}

TEST(Decode, TheKindOfEveryEnvelopeIsChecked) {
  const auto fails_with = [](const base::Result<void>& result, const std::string& text) {
    return !result && result.error().code == errc::malformed && result.error().message.find(text) != std::string::npos;
  };
  // A Status could be parsed as a Pod, since its fields have the same wire types.
  EXPECT_TRUE(fails_with(
      decode_list<Pod>(Encoding::protobuf, test::envelope("v1", "Status", test::status(410, "Gone", "x"))).result,
      "'v1 Status'"));
  EXPECT_TRUE(fails_with(decode_list<Pod>(Encoding::protobuf, test::list("Service", 5, {})).result, "ServiceList"));
  EXPECT_TRUE(fails_with(
      decode_list<Pod>(Encoding::json, R"({"kind":"Status","apiVersion":"v1","metadata":{}})").result, "'v1 Status'"));
  EXPECT_TRUE(fails_with(
      decode_watch<Pod>(Encoding::protobuf, test::frame("ADDED", "Status", test::status(410, "Gone", "x"))).result,
      "'v1 Status'"));
  EXPECT_TRUE(fails_with(
      decode_watch<Pod>(Encoding::protobuf, test::frame("ERROR", "Pod", test::object("a", 1))).result, "'v1 Pod'"));
  EXPECT_TRUE(
      fails_with(decode_watch<Pod>(Encoding::json, R"({"type":"ADDED","object":{"kind":"Service","apiVersion":"v1"}})"
                                                   "\n")
                     .result,
                 "'v1 Service'"));
  EXPECT_TRUE(fails_with(
      decode_watch<Pod>(Encoding::protobuf, test::frame("STRANGE", "Pod", test::object("a", 1))).result, "STRANGE"));
}

TEST(Decode, ErrorEventsAndBookmarksAreDecoded) {
  const auto decoded = decode_watch<Pod>(
      Encoding::protobuf, test::frame("ADDED", "Pod", test::object("a", 7)) +
                              test::frame("BOOKMARK", "Pod", test::field(1, test::field(6, "9"))) +
                              test::frame("ERROR", "Status", test::status(429, "TooManyRequests", "later", 3)));
  ASSERT_TRUE(decoded.result) << decoded.result.error().message;
  EXPECT_EQ(decoded.bookmarks, std::vector<Bookmark>{{9}});
  ASSERT_EQ(decoded.errors.size(), 1u);
  EXPECT_EQ(decoded.errors[0].code, 429);
  EXPECT_EQ(decoded.errors[0].retry_after, std::chrono::seconds(3));
  const auto json = decode_watch<Pod>(
      Encoding::json,
      R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9"}}})"
      "\n"
      R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired","message":"old"}})"
      "\n");
  ASSERT_TRUE(json.result) << json.result.error().message;
  EXPECT_EQ(json.bookmarks, decoded.bookmarks);
  EXPECT_EQ(json.errors[0].code, 410);
}

// Only the value "true" marks the end of a streaming list.
TEST(DecodeTest, ABookmarkMayEndTheInitialEvents) {
  const auto annotation = [](const std::string& key, const std::string& value) {
    return test::field(12, test::field(1, key) + test::field(2, value));
  };
  const auto in_protobuf = [](const std::string& annotations) {
    return decode_watch<Pod>(Encoding::protobuf,
                             test::frame("BOOKMARK", "Pod", test::field(1, test::field(6, "9") + annotations)));
  };
  const auto in_json = [](const std::string& annotations) {
    return decode_watch<Pod>(
        Encoding::json,
        R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9","annotations":{)" +
            annotations + "}}}}\n");
  };
  using Bookmarks = std::vector<Bookmark>;
  const std::string key = "k8s.io/initial-events-end";
  EXPECT_EQ(in_protobuf(annotation("a", "true") + annotation(key, "true")).bookmarks, (Bookmarks{{9, true}}));
  EXPECT_EQ(in_json(R"("a":"true","k8s.io/initial-events-end":"true")").bookmarks, (Bookmarks{{9, true}}));
  EXPECT_EQ(in_protobuf(annotation(key, "false")).bookmarks, (Bookmarks{{9, false}}));
  EXPECT_EQ(in_json(R"("k8s.io/initial-events-end":"false")").bookmarks, (Bookmarks{{9, false}}));
}

TEST(Decode, LengthsAreCheckedBeforeDataIsStored) {
  const DecodeLimits small{.object_bytes = 100, .envelope_bytes = 100};
  const std::string big = test::object(std::string(200, 'x'), 5);
  for (const auto& result :
       {decode_list<Pod>(Encoding::protobuf, test::list("Pod", 5, {big}), 0, small).result,
        decode_list<Pod>(Encoding::json, R"({"metadata": {"x": ")" + std::string(100, ' '), 0, small).result,
        // The announced length is gigabytes, and the data is not an event.
        decode_watch<Pod>(Encoding::protobuf, std::string("\x7f\xff\xff\xff", 4) + std::string(128, 'x')).result,
        decode_list<Pod>(Encoding::protobuf, std::string("k8s\0", 4) + "\x0a\xff\xff\xff\xff\x0f").result}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, errc::too_large) << result.error().message;
  }
  const auto announced = decode_watch<Pod>(Encoding::protobuf, std::string("\x7f\xff\xff\xff", 4)).result;
  EXPECT_EQ(announced.error().code, errc::malformed);
}

TEST(Decode, InvalidDataIsRefused) {
  const std::string type = test::field(1, test::field(1, "v1") + test::field(2, "PodList"));
  const std::string magic("k8s\0", 4);
  const std::string no_version = test::field(1, test::field(1, "a"));
  const std::string bad_utf8 = test::object("a\xff", 5);
  const std::string numeric_name = test::field(1, test::number_field(1, 7));
  const std::string text_phase = test::object("a", 5) + test::field(3, test::number_field(1, 1));
  const struct {
    const char* name;
    std::string bytes;
  } lists[] = {
      {"no magic", "k9s!" + type},
      {"no kind", magic + test::field(2, "")},
      {"content before kind", magic + test::field(2, test::field(1, test::field(2, "5"))) + type},
      {"two contents", test::list("Pod", 5, {}) + test::field(2, "")},
      {"no content", magic + type},
      {"no list version", magic + type + test::field(2, test::field(1, ""))},
      {"item without name", test::list("Pod", 5, {""})},
      {"item without version", test::list("Pod", 5, {no_version})},
      {"version no number", test::list("Pod", 5, {test::field(1, test::field(1, "a") + test::field(6, "x1"))})},
      {"version too big",
       test::list("Pod", 5, {test::field(1, test::field(1, "a") + test::field(6, "99999999999999999999999"))})},
      {"not UTF-8", test::list("Pod", 5, {bad_utf8})},
      {"a number for a name", test::list("Pod", 5, {numeric_name})},
      {"a number for the phase", test::list("Pod", 5, {text_phase})},
      {"encoded again", magic + type + test::field(2, test::field(1, test::field(2, "5"))) + test::field(3, "gzip")},
      {"field number 0", magic + std::string("\x02\x00", 2)},
      {"group", magic + "\x0b"},
      {"endless number", magic + std::string(11, '\xff')},
      {"item runs over the list", magic + type + "\x12\x03" + test::field(2, test::object("a", 5))},
  };
  for (const auto& c : lists) {
    const auto decoded = decode_list<Pod>(Encoding::protobuf, c.bytes);
    EXPECT_FALSE(decoded.result) << c.name;
    EXPECT_TRUE(!decoded.result && decoded.result.error().code == errc::malformed) << c.name;
  }
  const char* items[] = {R"({})",
                         R"([])",
                         R"({"metadata":[]})",
                         R"({"metadata":{"name":1,"resourceVersion":"1"}})",
                         R"({"metadata":{"name":"a"}})",
                         R"({"metadata":{"name":"a","resourceVersion":"1","labels":["x"]}})",
                         R"({"metadata":{"name":"a","resourceVersion":"1","labels":{"name":1}}})",
                         R"({"metadata":{"name":"a","resourceVersion":"1","creationTimestamp":"yesterday"}})",
                         R"({"metadata":{"name":"a","resourceVersion":"1"},"spec":{"hostNetwork":"yes"}})"};
  for (const char* item : items) {
    const auto decoded = decode_list<Pod>(
        Encoding::json,
        std::string(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[)") + item +
            "]}");
    EXPECT_FALSE(decoded.result) << item;
  }
}

TEST(Decode, AnErrorOfTheReceiverEndsTheStream) {
  const auto decoder = make_list_decoder<Pod>(
      Encoding::protobuf, {}, {}, [](Pod&&) -> base::Result<void> { return base::Error{errc::stale, "no more"}; });
  const auto fed = decoder->feed(test::list("Pod", 5, {test::object("a", 5)}));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "no more");
}

TEST(Decode, DecodesTheStatusOfAResponse) {
  const auto status = decode_status(
      403, "application/json",
      R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden","code":403,)"
      R"("message":"pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" at the cluster scope"})");
  EXPECT_EQ(status.reason, "Forbidden");
  const auto protobuf = decode_status(410, "application/vnd.kubernetes.protobuf",
                                      test::envelope("v1", "Status", test::status(410, "Expired", "too old")));
  EXPECT_EQ(protobuf.message, "too old");
  for (const char* body : {"", "<html>", "{}", "[", "k8s"}) {
    EXPECT_EQ(decode_status(502, "text/html", body).code, 502);
    EXPECT_EQ(decode_status(502, "application/json", body).code, 502);
    EXPECT_EQ(decode_status(502, "application/vnd.kubernetes.protobuf", body).code, 502);
  }
  EXPECT_EQ(error_of(status, "listing pods").code, errc::forbidden);
  EXPECT_NE(error_of(status, "listing pods").message.find("ClusterRole"), std::string::npos);
}

// The advice to grant a permission must appear only if one is missing.
TEST(Decode, TheKindsOf403AreDistinguished) {
  const auto advice = [](const std::string& members) {
    const auto status =
        decode_status(403, "application/json", R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden",)" + members);
    return std::pair(refusal_of(status), error_of(status, "writing").message);
  };
  const auto [right, grant] = advice(
      R"("message":"events is forbidden: User \"system:serviceaccount:a:b\" cannot create resource \"events\""})");
  EXPECT_EQ(right, Refusal::right_missing);
  EXPECT_NE(grant.find("grant this permission"), std::string::npos) << grant;
  const auto [ending, wait] =
      advice(R"("message":"events \"e\" is forbidden: unable to create new content in namespace a because it is being )"
             R"(terminated","details":{"causes":[{"reason":"NamespaceTerminating","message":"namespace a is being )"
             R"(terminated","field":"metadata.namespace"}]}})");
  EXPECT_EQ(ending, Refusal::namespace_terminating);
  EXPECT_EQ(wait.find("grant"), std::string::npos) << wait;
  for (const char* by :
       {"exceeded quota: q, requested: count/events=1", "ValidatingAdmissionPolicy 'p' with binding 'b'"}) {
    const auto [admission, look] = advice(R"("message":"events \"e\" is forbidden: )" + std::string(by) + R"("})");
    EXPECT_EQ(admission, Refusal::admission) << by;
    EXPECT_EQ(look.find("grant"), std::string::npos) << look;
  }
}

TEST(Text, ValidatesUtf8AsInTheRfc) {
  for (const char* good : {"", "abc", "ä", "€", "\U0001F600", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
    EXPECT_TRUE(base::is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xff"})
    EXPECT_FALSE(base::is_utf8(bad)) << bad;
}

}  // namespace
}  // namespace k8s
