#include "contrail-client/answer/object_builder.hpp"

#include <algorithm>
#include <limits>

namespace contrail::answer {
namespace {

// The server hardly checks the numbers in a mapping; one out of range is as wrong as the nearest in range.
std::int32_t saturate(std::int64_t number) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

void append_element(FqName& name, bool& begun, std::string_view element) {
  if (begun) name += ':';
  begun = true;
  name += element;
}

// domain:project:network; `any`, `local` and the like are not networks.
bool is_network(std::string_view name) { return std::count(name.begin(), name.end(), ':') == 2; }

// The range without host bits; nullopt: the arguments are not a range.
std::optional<Cidr> range(const std::optional<IpAddress>& base, std::int64_t length) {
  if (!base || length < 0 || length > (base->family == Family::v4 ? 32 : 128)) return std::nullopt;
  Cidr cidr{.base = *base, .length = static_cast<int>(length)};
  const std::size_t first = base->family == Family::v4 ? 12 : 0;
  for (std::size_t i = first; i < cidr.base.bytes.size(); ++i) {
    const int kept = std::clamp(cidr.length - static_cast<int>(8 * (i - first)), 0, 8);
    cidr.base.bytes[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return cidr;
}

}  // namespace

ObjectBuilder::ObjectBuilder(Type type) : type_(type) { object_.type = type; }

bool ObjectBuilder::store(Slot slot, std::string_view text) {
  switch (slot) {
    case Slot::uuid: {
      const auto uuid = Uuid::parse(text);
      object_.uuid = uuid.value_or(Uuid{});
      return uuid.has_value();
    }
    case Slot::parent_uuid:
      object_.parent_uuid = Uuid::parse(text).value_or(Uuid{});
      break;
    case Slot::name_element:
      append_element(object_.fq_name, named_, text);
      break;
    case Slot::display_name:
      object_.display_name.assign(text);
      break;
    case Slot::annotation_key:
      key_.assign(text);
      break;
    case Slot::annotation_value:
      value_.assign(text);
      break;
    case Slot::to_element:
      append_element(to_, to_begun_, text);
      break;
    case Slot::reference_uuid:
      reference_uuid_ = Uuid::parse(text).value_or(Uuid{});
      break;
    case Slot::prefix_base:
      prefix_ = IpAddress::parse(text);
      break;
    case Slot::subnet_uuid:
      subnet_.subnet_uuid = Uuid::parse(text).value_or(Uuid{});
      extra_ |= subnet_.subnet_uuid.is_nil();
      break;
    case Slot::gateway:
      subnet_.gateway = IpAddress::parse(text);
      extra_ |= !subnet_.gateway;
      break;
    case Slot::dns:
      subnet_.dns = IpAddress::parse(text);
      extra_ |= !subnet_.dns;
      break;
    case Slot::mac:
      if (object_.mac.empty()) object_.mac.assign(text);  // an interface has one; further ones are ignored
      break;
    case Slot::address:
      object_.address = IpAddress::parse(text);
      break;
    case Slot::instance_ip_mode:
      object_.instance_ip_mode.assign(text);
      break;
    case Slot::traffic_direction:
      object_.traffic_direction.assign(text);
      break;
    case Slot::mapping_protocol:
      mapping_.protocol.assign(text);
      break;
    case Slot::rule_protocol:
      any_protocol_ = text == "any";
      break;
    case Slot::rule_direction:
      both_directions_ = text == "<>";
      break;
    case Slot::rule_source:
      rule_.sources.emplace_back(text);
      odd_ |= !is_network(text);
      break;
    case Slot::rule_destination:
      rule_.destinations.emplace_back(text);
      odd_ |= !is_network(text);
      break;
    case Slot::rule_action:
      ++actions_;
      odd_ |= text != "pass";
      break;
    case Slot::rule_uuid:
      rule_.uuid = Uuid::parse(text).value_or(Uuid{});
      extra_ |= rule_.uuid.is_nil();
      break;
    default:
      break;
  }
  return true;
}

void ObjectBuilder::store(Slot slot, std::int64_t number) {
  switch (slot) {
    case Slot::major:
      sequence_.major = saturate(number);
      break;
    case Slot::minor:
      sequence_.minor = saturate(number);
      break;
    case Slot::prefix_length:
      prefix_length_ = number;
      break;
    case Slot::mapping_source:
      mapping_.source = saturate(number);
      break;
    case Slot::mapping_destination:
      mapping_.destination = saturate(number);
      break;
    case Slot::rule_port:
      ++*ports_;
      odd_ |= number != -1;
      break;
    default:
      break;
  }
}

void ObjectBuilder::store(Slot slot, bool flag) {
  if (slot == Slot::mappings_enable) object_.port_mappings_enable = flag;
}

void ObjectBuilder::open(Place place, std::optional<Field> field) {
  if (field) field_ = *field;
  switch (place) {
    case Place::fq_name:
      object_.fq_name.clear();
      named_ = false;
      break;
    case Place::pair:
      key_.clear();
      value_.clear();
      break;
    case Place::reference:
    case Place::policy:
    case Place::ipam:
      to_.clear();
      to_begun_ = false;
      reference_uuid_ = {};
      has_sequence_ = false;
      subnets_.clear();
      break;
    case Place::sequence:
      has_sequence_ = true;
      sequence_ = {.major = 0, .minor = 0};
      break;
    case Place::subnet:
      subnet_ = {};
      prefix_.reset();
      prefix_length_ = -1;
      extra_ = odd_ = false;
      break;
    case Place::mapping:
      mapping_ = {};
      mapping_is_odd_ = false;
      break;
    case Place::rule:
      rule_ = {};
      source_ports_ = destination_ports_ = actions_ = 0;
      addresses_ = 0;
      any_protocol_ = both_directions_ = extra_ = odd_ = false;
      break;
    case Place::source:
    case Place::destination:
      ++addresses_;
      break;
    case Place::source_ports:
      ports_ = &source_ports_;
      break;
    case Place::destination_ports:
      ports_ = &destination_ports_;
      break;
    default:
      break;
  }
}

void ObjectBuilder::close(Place place, std::string_view raw) {
  switch (place) {
    case Place::pair:
      annotations_.add(key_, value_);
      break;
    case Place::reference:
      if (auto* list = references()) list->push_back({.to = to_, .uuid = reference_uuid_});
      break;
    case Place::policy:
      object_.policies.push_back(
          {.to = to_, .uuid = reference_uuid_, .sequence = has_sequence_ ? std::optional{sequence_} : std::nullopt});
      break;
    case Place::ipam:
      object_.ipams.push_back({.to = to_, .uuid = reference_uuid_, .subnets = std::move(subnets_)});
      subnets_.clear();
      break;
    case Place::subnet:
      close_subnet(raw);
      break;
    case Place::mapping:
      object_.port_mappings.push_back(mapping_is_odd_ ? PortMapping{} : std::move(mapping_));
      break;
    case Place::rule:
      close_rule(raw);
      break;
    default:
      break;
  }
}

void ObjectBuilder::note_odd_mapping(Place place) {
  if (place == Place::mapping)
    mapping_is_odd_ = true;
  else
    object_.port_mappings.emplace_back();
}

std::vector<Reference>* ObjectBuilder::references() {
  switch (field_) {
    case Field::networks:
      return &object_.networks;
    case Field::machines:
      return &object_.machines;
    case Field::interfaces:
      return &object_.interfaces;
    case Field::projects:
      return &object_.projects;
    default:
      return nullptr;
  }
}

void ObjectBuilder::close_subnet(std::string_view raw) {
  const auto cidr = range(prefix_, prefix_length_);
  if (cidr) subnet_.cidr = *cidr;
  const bool says_more = extra_ || !cidr || cidr->base != *prefix_;
  if (says_more) subnet_.raw.assign(raw);
  subnets_.push_back(std::move(subnet_));
}

void ObjectBuilder::close_rule(std::string_view raw) {
  const bool all_ports = source_ports_ == 2 && destination_ports_ == 2;  // one range on each side, of -1 to -1
  const bool networks_only = addresses_ == rule_.sources.size() + rule_.destinations.size();
  rule_.plain = !odd_ && any_protocol_ && both_directions_ && all_ports && networks_only && actions_ == 1;
  if (!rule_.plain || extra_) rule_.raw.assign(raw);
  object_.rules.push_back(std::move(rule_));
}

Object ObjectBuilder::take() {
  object_.annotations = annotations_.map();
  Object object = std::move(object_);
  object_ = {};
  object_.type = type_;
  annotations_.clear();
  named_ = false;
  return object;
}

void ObjectBuilder::drop() {
  object_.uuid = {};
  object_.fq_name.clear();
  object_.parent_uuid = {};
  object_.display_name.clear();
  object_.networks.clear();
  object_.machines.clear();
  object_.interfaces.clear();
  object_.projects.clear();
  object_.policies.clear();
  object_.ipams.clear();
  object_.mac.clear();
  object_.address.reset();
  object_.instance_ip_mode.clear();
  object_.traffic_direction.clear();
  object_.port_mappings_enable = false;
  object_.port_mappings.clear();
  object_.rules.clear();
  annotations_.clear();
  named_ = false;
}

}  // namespace contrail::answer
