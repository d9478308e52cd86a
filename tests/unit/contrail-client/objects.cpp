#include "tests/unit/contrail-client/objects.hpp"

#include <rapidcheck.h>

#include <fstream>
#include <stdexcept>

#include "contrail-client/codec.hpp"

namespace contrail::test {
namespace {

// Any characters that are legal in JSON text: quotes, backslashes, control characters, UTF-8.
std::string any_text() {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "Z", "0", "-", "_", " ", "\"", "\\", "/", "<", "&", "\n", "\t", "\x01", "\x1f",
                                    "\x7f", "é", "漢", "😀", "%"));
  std::string text;
  for (const auto& part : parts) text += part;
  return text;
}

std::string any_word() { return *rc::gen::element<std::string>("redis", "x", "default", "svc", "a-b"); }

FqName any_name(std::size_t size) {
  FqName name = any_text();
  for (std::size_t i = 1; i < size; ++i) name += ':' + any_text();
  return name;
}

Uuid any_uuid() { return Uuid{*rc::gen::arbitrary<std::array<std::uint8_t, 16>>()}; }

Uuid some_uuid() {
  auto uuid = any_uuid();
  uuid.bytes[0] |= 1;  // never nil
  return uuid;
}

IpAddress any_address() {
  if (*rc::gen::arbitrary<bool>()) return IpAddress::v4(*rc::gen::arbitrary<std::uint32_t>());
  return {.family = Family::v6, .bytes = *rc::gen::arbitrary<std::array<std::uint8_t, 16>>()};
}

Cidr any_range() {
  const int length = *rc::gen::inRange(1, 33);
  const auto bits = *rc::gen::arbitrary<std::uint32_t>();
  return {.base = IpAddress::v4(bits >> (32 - length) << (32 - length)), .length = length};
}

template <class Make>
auto any_list(Make make) {
  std::vector<decltype(make())> list;
  const auto size = *rc::gen::inRange(0, 4);
  for (int i = 0; i < size; ++i) list.push_back(make());
  return list;
}

Reference any_reference() { return {.to = any_name(3), .uuid = {}}; }

PolicyReference any_policy_reference() {
  PolicyReference reference{.to = any_name(3), .uuid = {}, .sequence = {}};
  if (*rc::gen::arbitrary<bool>()) reference.sequence = Sequence{.major = *rc::gen::arbitrary<int>(), .minor = 0};
  return reference;
}

Subnet any_subnet() {
  Subnet subnet{.cidr = any_range(), .subnet_uuid = any_uuid(), .gateway = {}, .dns = {}, .raw = {}};
  if (*rc::gen::arbitrary<bool>()) subnet.gateway = any_address();
  if (*rc::gen::arbitrary<bool>()) subnet.dns = any_address();
  if (*rc::gen::arbitrary<bool>()) {
    subnet = {.cidr = subnet.cidr, .subnet_uuid = some_uuid(), .gateway = {}, .dns = {}, .raw = {}};
    subnet.raw = R"({"subnet":{"ip_prefix":")" + subnet.cidr.base.text() + R"(","ip_prefix_len":)" +
                 std::to_string(subnet.cidr.length) + R"(},"enable_dhcp":true,"allocation_pools":[],"subnet_uuid":")" +
                 subnet.subnet_uuid.text() + R"(","tag":"\"\\\u0001é"})";
  }
  return subnet;
}

IpamReference any_ipam_reference() { return {.to = any_name(3), .uuid = {}, .subnets = any_list(any_subnet)}; }

FqName any_network() { return "default-domain:" + any_word() + ':' + any_word(); }

Rule any_rule() {
  Rule rule{.uuid = any_uuid(), .sources = any_list(any_network), .destinations = any_list(any_network), .raw = {}};
  if (*rc::gen::arbitrary<bool>()) {
    rule = {.uuid = some_uuid(), .sources = {}, .destinations = {}, .plain = false, .raw = {}};
    rule.raw = R"({"protocol":"tcp","direction":">","src_addresses":[{"subnet":{"ip_prefix":"10.0.0.0",)"
               R"("ip_prefix_len":8}}],"application":[],"weight":-1.50,"log":null,"rule_uuid":")" +
               rule.uuid.text() + R"("})";
  }
  return rule;
}

PortMapping any_mapping() {
  return {.protocol = any_word(),
          .source = *rc::gen::arbitrary<std::int32_t>(),
          .destination = *rc::gen::arbitrary<std::int32_t>()};
}

void fill(Object& object, Field field) {
  switch (field) {
    case Field::display_name:
      object.display_name = any_text();
      break;
    case Field::annotations:
      for (const auto& key : any_list(any_text)) object.annotations[key] = any_text();
      break;
    case Field::networks:
      object.networks = any_list(any_reference);
      break;
    case Field::machines:
      object.machines = any_list(any_reference);
      break;
    case Field::interfaces:
      object.interfaces = any_list(any_reference);
      break;
    case Field::projects:
      object.projects = any_list(any_reference);
      break;
    case Field::policies:
      object.policies = any_list(any_policy_reference);
      break;
    case Field::ipams:
      object.ipams = any_list(any_ipam_reference);
      break;
    case Field::mac:
      object.mac = *rc::gen::element<std::string>("", "02:a1:b2:c3:d4:e5");
      break;
    case Field::address:
      if (*rc::gen::arbitrary<bool>()) object.address = any_address();
      break;
    case Field::instance_ip_mode:
      object.instance_ip_mode = *rc::gen::element<std::string>("", "active-active");
      break;
    case Field::traffic_direction:
      object.traffic_direction = *rc::gen::element<std::string>("", "ingress");
      break;
    case Field::port_mappings:
      object.port_mappings_enable = *rc::gen::arbitrary<bool>();
      object.port_mappings = any_list(any_mapping);
      break;
    case Field::rules:
      object.rules = any_list(any_rule);
      break;
  }
}

// Replaces $U17 and similar placeholders of ids that the server chose.
nlohmann::json with_ids(const nlohmann::json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.size() < 3 || text.compare(0, 2, "$U") != 0) return json;
    return uuid_v5({}, text).text();
  }
  auto copy = json;
  if (copy.is_structured())
    for (auto& element : copy) element = with_ids(element);
  return copy;
}

}  // namespace

Type any_type() { return static_cast<Type>(*rc::gen::inRange(0, type_count)); }

Object any_object(Type type) {
  Object object;
  object.type = type;
  object.uuid = some_uuid();
  object.fq_name = any_name(static_cast<std::size_t>(*rc::gen::inRange(1, 6)));
  for (const auto field : fields_of(type)) fill(object, field);
  return object;
}

const std::vector<Recording>& guestbook() {
  static const auto recordings = [] {
    std::vector<Recording> all;
    std::ifstream file{GUESTBOOK_RECORDINGS};
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line);
      all.push_back({.title = json.at("case"),
                     .method = json.at("method"),
                     .path = json.at("path"),
                     .body = with_ids(json.at("body")),
                     .answer = with_ids(json.at("answer"))});
    }
    if (all.empty()) throw std::runtime_error("no recordings in " GUESTBOOK_RECORDINGS);
    return all;
  }();
  return recordings;
}

const Recording& recorded(std::string_view method, std::string_view title) {
  for (const auto& recording : guestbook())
    if (recording.method == method && recording.title == title) return recording;
  throw std::runtime_error("no recording is called " + std::string{title});
}

nlohmann::json without_empty_lists(nlohmann::json json) {
  if (!json.is_structured()) return json;
  for (auto it = json.begin(); it != json.end();) {
    *it = without_empty_lists(*it);
    const bool empty = json.is_object() && it->is_array() && it->empty();
    it = empty ? json.erase(it) : std::next(it);
  }
  return json;
}

}  // namespace contrail::test
