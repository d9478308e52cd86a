#include "contrail-client/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contrail-client/error.hpp"
#include "tests/unit/contrail-client/objects.hpp"

namespace contrail {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// The server chooses an id if a create has none; otherwise ids have fixed values.
const Uuid one = *Uuid::parse("b0000039-3900-4000-8000-000000000000");
const Uuid two = *Uuid::parse("b000003f-3f00-4000-8000-000000000000");

std::optional<Type> type_of_collection(std::string_view path) {
  for (int i = 0; i < type_count; ++i)
    if (path == "/" + std::string{plural(static_cast<Type>(i))}) return static_cast<Type>(i);
  return std::nullopt;
}

// Every recorded object of guestbook that a real server accepted: parsing the body and creating it again gives the same
// body.
TEST(Create, ReproducesTheRecordedBodies) {
  int compared = 0;
  for (const auto& recording : test::guestbook()) {
    const auto type = recording.method == "POST" ? type_of_collection(recording.path) : std::nullopt;
    if (!type) continue;
    const auto object = parse_object(*type, recording.body.dump());
    ASSERT_TRUE(object) << recording.title << ": " << object.error().message;
    const auto request = create(*object);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, recording.path);
    EXPECT_EQ(test::without_empty_lists(json::parse(request.body)), test::without_empty_lists(recording.body))
        << recording.title;
    ++compared;
  }
  EXPECT_EQ(compared, 48);
}

TEST(Create, AFloatingIpMatchesTheRecordedBody) {
  Object object;
  object.type = Type::floating_ip;
  object.uuid = *Uuid::parse("b000003f-3f00-4000-8000-000000000000");
  object.fq_name = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
  object.address = IpAddress::parse("10.254.0.13");
  object.traffic_direction = "ingress";
  object.projects = {{.to = "default-domain:gb", .uuid = one}};  // an observed uuid is not sent
  for (const auto* pod : {"guestbook-0", "guestbook-1", "guestbook-2"})
    object.interfaces.push_back({.to = "default-domain:gb:" + std::string{pod}, .uuid = {}});
  object.port_mappings_enable = true;
  object.port_mappings = {{.protocol = "tcp", .source = 80, .destination = 3000}};
  object.annotations = {{"opencontrail.org/kind", "Service"},
                        {"opencontrail.org/object", "gb/guestbook"},
                        {"opencontrail.org/owner", "conformance"},
                        {"opencontrail.org/uid", "b0000040-4000-4000-8000-000000000000"}};
  EXPECT_EQ(json::parse(create(object).body), test::recorded("POST", "service guestbook").body);
}

TEST(Create, OmitsEmptyFields) {
  Object object;
  object.type = Type::virtual_network;
  object.fq_name = "default-domain:gb:n";
  EXPECT_EQ(
      json::parse(create(object).body),
      json::parse(R"({"virtual-network": {"fq_name": ["default-domain", "gb", "n"], "parent_type": "project"}})"));
  object.type = Type::virtual_machine;
  object.fq_name = "vm";
  EXPECT_EQ(json::parse(create(object).body), json::parse(R"({"virtual-machine": {"fq_name": ["vm"]}})"));
}

TEST(Put, WritesEmptyListsToClearFields) {
  Object object;
  object.type = Type::virtual_network;
  const auto request = put(object, one, {Field::display_name, Field::annotations, Field::policies, Field::ipams});
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/virtual-network/" + one.text());
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"virtual-network": {"display_name": "", "annotations":
      {"key_value_pair": []}, "network_policy_refs": [], "network_ipam_refs": []}})"));

  object.type = Type::floating_ip;
  EXPECT_EQ(json::parse(put(object, one, {Field::interfaces, Field::port_mappings}).body),
            json::parse(R"({"floating-ip": {"virtual_machine_interface_refs": [], "floating_ip_port_mappings":
      {"port_mappings": []}, "floating_ip_port_mappings_enable": false}})"));

  object.type = Type::network_policy;
  EXPECT_EQ(json::parse(put(object, one, {Field::rules}).body),
            json::parse(R"({"network-policy": {"network_policy_entries": {"policy_rule": []}}})"));
  object.type = Type::virtual_machine_interface;
  EXPECT_EQ(json::parse(put(object, one, {Field::mac, Field::networks, Field::machines}).body),
            json::parse(R"({"virtual-machine-interface": {"virtual_machine_interface_mac_addresses":
      {"mac_address": []}, "virtual_network_refs": [], "virtual_machine_refs": []}})"));
}

// An address or an enumeration cannot be cleared: the server has no value for it, and null deletes the whole field.
TEST(Put, NeverWritesNullOrAnEmptyEnumeration) {
  Object object;
  object.type = Type::floating_ip;
  EXPECT_EQ(put(object, one, {Field::address, Field::traffic_direction}).body, R"({"floating-ip":{}})");
  object.type = Type::instance_ip;
  EXPECT_EQ(put(object, one, {Field::instance_ip_mode, Field::address, Field::display_name}).body,
            R"({"instance-ip":{"display_name":""}})");
}

TEST(Put, APolicyReferenceAlwaysHasTheKeyAttr) {
  Object object;
  object.type = Type::virtual_network;
  object.policies = {{.to = "d:p:a", .uuid = one, .sequence = {}}, {.to = "d:p:b", .uuid = {}, .sequence = Sequence{}}};
  EXPECT_EQ(json::parse(put(object, one, {Field::policies}).body),
            json::parse(R"({"virtual-network": {"network_policy_refs": [{"to": ["d", "p", "a"], "attr": null},
      {"to": ["d", "p", "b"], "attr": {"sequence": {"major": 10, "minor": 0}}}]}})"));
}

TEST(RefUpdate, ReproducesTheRecordedBodies) {
  const auto request = ref_update(Type::floating_ip, two, Field::interfaces, one, Operation::remove);
  EXPECT_EQ(request.target, "/ref-update");
  EXPECT_EQ(json::parse(request.body), test::recorded("POST", "guestbook-2 not ready").body);
  EXPECT_EQ(json::parse(ref_update(Type::floating_ip, two, Field::interfaces, one, Operation::add).body),
            test::recorded("POST", "guestbook-2 ready").body);
  const auto network = *Uuid::parse("b0000019-1900-4000-8000-000000000000");
  const auto policy = *Uuid::parse("b0000008-0800-4000-8000-000000000000");
  EXPECT_EQ(
      json::parse(ref_update(Type::virtual_network, network, Field::policies, policy, Operation::add, Sequence{}).body),
      test::recorded("POST", "and gets it again").body);
  EXPECT_EQ(json::parse(ref_update(Type::virtual_network, network, Field::policies, policy, Operation::remove).body),
            test::recorded("POST", "a network loses the DNS policy").body);
}

TEST(Requests, OtherRequestsHaveTheExpectedForm) {
  EXPECT_EQ(remove(Type::network_policy, one),
            (Request{.method = "DELETE", .target = "/network-policy/" + one.text(), .body = ""}));
  EXPECT_EQ(read(Type::floating_ip, one).target,
            "/floating-ip/" + one.text() +
                "?exclude_hrefs=true&fields=display_name,annotations,virtual_machine_interface_refs,project_refs,"
                "floating_ip_address,floating_ip_traffic_direction,floating_ip_port_mappings,"
                "floating_ip_port_mappings_enable");
  EXPECT_THAT(read(Type::instance_ip, one).target, HasSubstr(",instance_ip_address,"));
  EXPECT_EQ(json::parse(name_to_id(Type::network_policy, "default-domain:conf:a\"b").body),
            json::parse(R"({"type": "network-policy", "fq_name": ["default-domain", "conf", "a\"b"]})"));
  const auto annotations = set_annotations(one, {{"a\n", std::nullopt}, {"k", "v \"é"}});
  EXPECT_EQ(annotations.target, "/prop-collection-update");
  EXPECT_EQ(json::parse(annotations.body), json::parse(R"({"uuid": "b0000039-3900-4000-8000-000000000000", "updates": [
      {"field": "annotations", "operation": "delete", "position": "a\n"},
      {"field": "annotations", "operation": "set", "value": {"key": "k", "value": "v \"é"}, "position": "k"}]})"));
}

TEST(List, TheScopeIsPartOfTheBody) {
  const auto request = list(Type::instance_ip, {.parents = {}, .back_references = {one, two}, .uuids = {}},
                            {Field::annotations, Field::address});
  EXPECT_EQ(request.target, "/list-bulk-collection");
  EXPECT_EQ(json::parse(request.body), json({{"type", "instance-ip"},
                                             {"back_ref_id", one.text() + "," + two.text()},
                                             {"fields", "annotations,instance_ip_address"}}));
  EXPECT_EQ(
      json::parse(list(Type::virtual_network, {.parents = {one}, .back_references = {}, .uuids = {two}}, {}).body),
      json({{"type", "virtual-network"},
            {"parent_id", one.text()},
            {"obj_uuids", two.text()},
            {"fields", "display_name"}}));
}

TEST(Requests, OnlyRequestsWithoutChangesAreReads) {
  Object object;
  EXPECT_TRUE(is_read(read(Type::project, one)));
  EXPECT_TRUE(is_read(list(Type::project, {}, {})));
  EXPECT_TRUE(is_read(name_to_id(Type::project, "a:b")));
  EXPECT_FALSE(is_read(create(object)));
  EXPECT_FALSE(is_read(put(object, one, {})));
  EXPECT_FALSE(is_read(remove(Type::project, one)));
  EXPECT_FALSE(is_read(set_annotations(one, {})));
  EXPECT_FALSE(is_read(ref_update(Type::floating_ip, one, Field::interfaces, two, Operation::add)));
}

// An answer of a proxy or another server with a good status must not confirm a write.
TEST(Answers, OnlyAnAnswerThatNamesTheObjectConfirmsAWrite) {
  const auto uuid = *Uuid::parse("01234567-89ab-4cde-8f01-23456789abcd");
  const auto is_object = [&](std::string_view body) { return is_object_answer(Type::virtual_network, uuid, body); };
  const std::string pair = R"("uuid": "01234567-89ab-4cde-8f01-23456789abcd")";
  EXPECT_TRUE(is_object(R"({"virtual-network": {"name": "uuid", )" + pair + "}}"));
  EXPECT_TRUE(is_object(" {\n\"virtual-network\":{\"uuid\" :\t\"01234567-89ab-4cde-8f01-23456789abcd\"} } \n"));
  EXPECT_FALSE(is_object(R"({"network-policy": {)" + pair + "}}"));
  EXPECT_FALSE(is_object(R"({"virtual-network": {"uuid": "01234567-89ab-4cde-8f01-23456789abce"}})"));
  EXPECT_FALSE(is_object(R"({"virtual-network": {"parent": "01234567-89ab-4cde-8f01-23456789abcd"}})"));
  EXPECT_FALSE(is_object(R"({"virtual-network": null, )" + pair + "}"));
  EXPECT_FALSE(is_object("<html>virtual-network " + pair + "</html>"));
  EXPECT_TRUE(is_uuid_answer(uuid, "{" + pair + "}"));
  EXPECT_FALSE(is_uuid_answer(uuid, "{" + pair));
  for (const std::string body : {"", "{}", "null", "[]", "<html></html>", "\"uuid\"", "{\"uuid\"", "{\"uuid\":}"}) {
    EXPECT_FALSE(is_object(body)) << body;
    EXPECT_FALSE(is_uuid_answer(uuid, body)) << body;
  }
  for (const std::string body : {"", " \r\n", "{}", "null"}) EXPECT_TRUE(is_empty_answer(body)) << body;
  for (const std::string body : {"<html></html>", "{", "moved"}) EXPECT_FALSE(is_empty_answer(body)) << body;
}

TEST(ParseId, ReturnsTheUuid) {
  EXPECT_EQ(*parse_id(R"({"uuid": "b0000039-3900-4000-8000-000000000000"})"), one);
  for (const auto* body : {"", "null", "[]", "{}", R"({"uuid": 5})", R"({"uuid": null})", R"({"uuid": "zzz"})",
                           "<html>", R"({"uuid": "b0000039-3900-4000-8000-000000000000")"})
    EXPECT_TRUE(parse_id(body).has_error()) << body;
}

TEST(ParseObject, ReadsARecordedInterface) {
  const auto& recording = test::recorded("GET", "interface");
  const auto object = parse_object(Type::virtual_machine_interface, recording.answer.dump());
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->uuid, one);
  EXPECT_EQ(object->fq_name, "default-domain:gb:guestbook-2");
  EXPECT_EQ(object->parent_uuid.text(), "b0000007-0700-4000-8000-000000000000");
  EXPECT_EQ(object->mac, "02:b0:00:00:39:39");
  EXPECT_EQ(object->machines, (std::vector<Reference>{{.to = "b0000037-3700-4000-8000-000000000000",
                                                       .uuid = *Uuid::parse("b0000037-3700-4000-8000-000000000000")}}));
  ASSERT_EQ(object->networks.size(), 1U);
  EXPECT_EQ(object->networks[0].to, "default-domain:gb:guestbook");
  EXPECT_TRUE(object->interfaces.empty());  // back references are not fields of the object
  EXPECT_EQ(object->annotations.at("opencontrail.org/object"), "gb/guestbook-2");
}

TEST(ParseObject, ReadsARecordedPolicyWithItsRules) {
  const auto object = parse_object(Type::network_policy, test::recorded("GET", "policy of redis-master").answer.dump());
  ASSERT_TRUE(object) << object.error().message;
  ASSERT_EQ(object->rules.size(), 2U);
  EXPECT_TRUE(object->rules[1].plain);
  EXPECT_EQ(object->rules[1].raw, "");
  EXPECT_EQ(object->rules[1].uuid.text(), "b000000e-0e00-4000-8000-000000000000");
  EXPECT_EQ(object->rules[1].sources, std::vector<FqName>{"default-domain:gb:guestbook"});
  EXPECT_EQ(object->rules[1].destinations, std::vector<FqName>{"default-domain:gb:service-redis-master"});
}

Rule rule_of(const std::string& text) {
  const auto body = R"({"network-policy": {"uuid": "b0000039-3900-4000-8000-000000000000", "fq_name": ["p"],
      "network_policy_entries": {"policy_rule": [)" +
                    text + "]}}}";
  const auto object = parse_object(Type::network_policy, body);
  EXPECT_TRUE(object) << object.error().message;
  return object ? object->rules.at(0) : Rule{};
}

const std::string plain_rule =
    R"({"protocol": "any", "direction": "<>", "src_addresses": [{"virtual_network": "d:p:a"}],
    "dst_addresses": [{"virtual_network": "d:p:b"}], "src_ports": [{"start_port": -1, "end_port": -1}],
    "dst_ports": [{"start_port": -1, "end_port": -1}], "action_list": {"simple_action": "pass"}})";

std::string edited(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ParseRule, ARuleOfTheWrittenFormIsPlain) {
  EXPECT_TRUE(rule_of(plain_rule).plain);
  EXPECT_TRUE(rule_of(plain_rule).raw.empty());
  // Members without information keep the rule plain; the text is stored for writing it back.
  for (const auto* nothing :
       {R"("log": false)", R"("apply_service": [])", R"("action": {"gateway": null, "alert": false})"}) {
    const auto rule = rule_of(edited(plain_rule, R"("protocol")", std::string{nothing} + R"(, "protocol")"));
    EXPECT_TRUE(rule.plain) << nothing;
    EXPECT_EQ(nlohmann::json::parse(rule.raw).size(), 8U);
    EXPECT_EQ(rule.sources, std::vector<FqName>{"d:p:a"});
  }
  const auto with_null = rule_of(edited(plain_rule, R"("protocol")", R"("rule_sequence": null, "protocol")"));
  EXPECT_TRUE(with_null.plain && with_null.raw.empty());
}

TEST(ParseRule, AnyOtherRuleKeepsItsText) {
  const std::pair<const char*, const char*> changes[] = {
      {R"("protocol": "any")", R"("protocol": "tcp")"},
      {R"("protocol": "any", )", ""},
      {R"("<>")", R"(">")"},
      {R"("virtual_network": "d:p:a")", R"("virtual_network": "any")"},
      {R"("virtual_network": "d:p:a")", R"("network_policy": "d:p:a")"},
      {R"("virtual_network": "d:p:a")", R"("virtual_network": null)"},
      {R"({"virtual_network": "d:p:a"})", R"({"virtual_network": "d:p:a"}, {})"},
      {R"("start_port": -1)", R"("start_port": 80)"},
      {R"("src_ports": [{"start_port": -1, "end_port": -1}])", R"("src_ports": [])"},
      {R"("src_ports": [{"start_port": -1, "end_port": -1}])",
       R"("src_ports": [{"start_port": -1, "end_port": -1}, {"start_port": -1, "end_port": -1}])"},
      {R"("pass")", R"("deny")"},
      {R"("simple_action": "pass")", ""},
      {R"("simple_action": "pass")", R"("simple_action": "pass", "log": true)"},
      {R"("simple_action": "pass")", R"("simple_action": "pass", "apply_service": ["d:p:s"])"},
      {R"("simple_action": "pass")", R"("simple_action": "pass", "weight": 1.25)"},
  };
  for (const auto& [from, to] : changes) {
    const auto text = edited(plain_rule, from, to);
    const auto rule = rule_of(text);
    EXPECT_FALSE(rule.plain) << text;
    EXPECT_EQ(json::parse(rule.raw), json::parse(text));
  }
}

// The names decide whether an edited rule is owned.
TEST(ParseRule, TheNetworkNamesOfAnyRuleAreRead) {
  const auto denied = rule_of(edited(plain_rule, R"("simple_action": "pass")", R"("simple_action": "deny")"));
  EXPECT_FALSE(denied.plain);
  EXPECT_EQ(denied.sources, std::vector<FqName>{"d:p:a"});
  EXPECT_EQ(denied.destinations, std::vector<FqName>{"d:p:b"});
}

TEST(ParseSubnet, HostBitsAreRemovedAndTheTextIsKept) {
  const auto object = parse_object(Type::virtual_network, R"({"virtual-network": {"fq_name": ["n"],
      "uuid": "b0000039-3900-4000-8000-000000000000", "network_ipam_refs": [{"to": ["i"], "attr": {"ipam_subnets": [
      {"subnet": {"ip_prefix": "10.3.0.5", "ip_prefix_len": 24}},
      {"subnet": {"ip_prefix": "fd00:4::1", "ip_prefix_len": 64}},
      {"subnet": {"ip_prefix": "10.3.0.0", "ip_prefix_len": 99}}, {"subnet": null}]}}, {"to": ["j"], "attr": null}]}})");
  ASSERT_TRUE(object) << object.error().message;
  ASSERT_EQ(object->ipams.size(), 2U);
  const auto& subnets = object->ipams[0].subnets;
  ASSERT_EQ(subnets.size(), 4U);
  EXPECT_EQ(subnets[0].cidr.text(), "10.3.0.0/24");
  EXPECT_EQ(subnets[0].raw, R"({"subnet":{"ip_prefix":"10.3.0.5","ip_prefix_len":24}})");
  EXPECT_EQ(subnets[1].cidr.text(), "fd00:4::/64");
  EXPECT_EQ(subnets[2].raw, R"({"subnet":{"ip_prefix":"10.3.0.0","ip_prefix_len":99}})");
  EXPECT_EQ(subnets[3].raw, R"({"subnet":null})");
  EXPECT_TRUE(object->ipams[1].subnets.empty());
}

TEST(ParseObject, ADanglingReferenceIsRead) {
  const auto object = parse_object(Type::virtual_network, R"({"virtual-network": {"fq_name": ["n"],
      "uuid": "b0000039-3900-4000-8000-000000000000", "network_policy_refs": [{"to": ["ERROR"],
      "attr": {"sequence": {"major": 10, "minor": 0}}, "uuid": "ffffffff-0000-4000-8000-000000000000"}]}})");
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->policies.at(0).to, "ERROR");
  EXPECT_EQ(object->policies.at(0).uuid.text(), "ffffffff-0000-4000-8000-000000000000");
}

std::string message_of(Type type, const std::string& body, errc code) {
  const auto object = parse_object(type, body);
  EXPECT_TRUE(object.has_error()) << body;
  if (!object.has_error()) return {};
  EXPECT_EQ(object.error().code, make_error_code(code)) << object.error().message;
  return object.error().message;
}

TEST(ParseObject, ErrorsNameTheMember) {
  const std::string id = R"("uuid": "b0000039-3900-4000-8000-000000000000", "fq_name": ["n"])";
  const auto wrong = [&](Type type, const std::string& member) {
    return message_of(type, "{\"" + std::string{name(type)} + "\": {" + id + ", " + member + "}}", errc::wrong_shape);
  };
  EXPECT_EQ(wrong(Type::virtual_network, R"("display_name": 5)"),
            "answer with a virtual-network: virtual-network.display_name: text expected, found a number");
  EXPECT_EQ(
      wrong(Type::virtual_network, R"("network_ipam_refs": [{"attr": []}])"),
      "answer with a virtual-network: virtual-network.network_ipam_refs[].attr: an object expected, found a list");
  EXPECT_EQ(wrong(Type::virtual_network, R"("network_policy_refs": [{"attr": {"sequence": {"major": 1.5}}}])"),
            "answer with a virtual-network: virtual-network.network_policy_refs[].attr.sequence.major: a whole number "
            "expected, found a fraction");
  EXPECT_THAT(wrong(Type::floating_ip, R"("floating_ip_port_mappings_enable": "yes")"),
              HasSubstr("floating_ip_port_mappings_enable: true or false expected, found text"));
  EXPECT_THAT(wrong(Type::project, R"("uuid": "B0")"), HasSubstr("project.uuid: a uuid expected"));
  EXPECT_THAT(wrong(Type::project, R"("fq_name": [["x"]])"), HasSubstr("fq_name[]: text expected, found a list"));
  EXPECT_THAT(message_of(Type::project, R"({"project": {"fq_name": ["n"]}})", errc::wrong_shape),
              HasSubstr("has no uuid"));
  EXPECT_THAT(
      message_of(Type::project, R"({"project": {"uuid": "b0000039-3900-4000-8000-000000000000"}})", errc::wrong_shape),
      HasSubstr("has no fq_name"));
  EXPECT_THAT(message_of(Type::project, R"({"virtual-network": {}})", errc::wrong_shape),
              HasSubstr("has no member \"project\""));
  EXPECT_THAT(message_of(Type::project, R"({"project": null})", errc::wrong_shape), HasSubstr("\"project\""));
  EXPECT_THAT(message_of(Type::project, "[]", errc::wrong_shape), HasSubstr("an object expected, found a list"));
  EXPECT_THAT(message_of(Type::project, "", errc::not_json), HasSubstr("the body is empty"));
  EXPECT_THAT(message_of(Type::project, "<html>Internal Server Error</html>", errc::not_json),
              HasSubstr("<html>Internal Server Error</html>"));
}

RC_GTEST_PROP(Codec, ParseIsTheInverseOfCreate, ()) {
  const auto object = test::any_object(test::any_type());
  const auto request = create(object);
  RC_ASSERT(json::accept(request.body));
  const auto parsed = parse_object(object.type, request.body);
  if (!parsed) RC_FAIL(parsed.error().message + " in " + request.body);
  RC_ASSERT(*parsed == object);
}

// A PUT of all fields writes the same as a create, except for the identity.
RC_GTEST_PROP(Codec, APutOfAllFieldsContainsTheFieldsOfACreate, ()) {
  const auto object = test::any_object(test::any_type());
  const auto key = std::string{name(object.type)};
  auto created = json::parse(create(object).body).at(key);
  const auto written = json::parse(put(object, object.uuid, fields_of(object.type)).body).at(key);
  for (const auto* identity : {"fq_name", "uuid", "parent_type"}) created.erase(identity);
  for (const auto& [member, value] : created.items()) RC_ASSERT(written.at(member) == value);
}

TEST(Types, NamesAndPluralsRoundTrip) {
  for (int i = 0; i < type_count; ++i) {
    const auto type = static_cast<Type>(i);
    EXPECT_EQ(type_named(name(type)), type);
    EXPECT_EQ(plural(type), std::string{name(type)} + "s");
  }
  EXPECT_FALSE(type_named("domain"));
  EXPECT_EQ(parent_type(Type::floating_ip), "floating-ip-pool");
  EXPECT_EQ(parent_type(Type::virtual_machine), "");
}

TEST(FqName, PartsRoundTrip) {
  EXPECT_EQ(parent_of("a:b:c"), "a:b");
  EXPECT_EQ(parent_of("a"), "");
  EXPECT_EQ(last_of("a:b:c"), "c");
  EXPECT_EQ(last_of("a:"), "");
  EXPECT_EQ(elements("a::c"), (std::vector<std::string>{"a", "", "c"}));
  EXPECT_EQ(join({"a", "", "c"}), "a::c");
  EXPECT_EQ(join(elements("x")), "x");
}

}  // namespace
}  // namespace contrail
