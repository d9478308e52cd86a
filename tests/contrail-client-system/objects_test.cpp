#include "tests/unit/contrail-client/objects.hpp"

#include <algorithm>

#include "tests/contrail-client-system/fixture.hpp"

// Guestbook's objects made, read, changed, listed and deleted over a socket.
namespace contrail::test {
namespace {

std::optional<Type> type_of(const Recording& recording) {
  for (int i = 0; i < type_count; ++i)
    if (recording.path == "/" + std::string{plural(static_cast<Type>(i))}) return static_cast<Type>(i);
  return std::nullopt;
}

// The 48 objects, in an order in which they can be made.
std::vector<Object> guestbook_objects() {
  std::vector<Object> objects;
  for (const auto& recording : guestbook())
    if (const auto type = type_of(recording); type && recording.method == "POST")
      objects.push_back(parse_object(*type, recording.body.dump()).value());
  return objects;
}

const Object& named(const std::vector<Object>& objects, Type type, std::string_view last) {
  return *std::find_if(objects.begin(), objects.end(),
                       [&](const Object& object) { return object.type == type && last_of(object.fq_name) == last; });
}

// What the server adds by itself taken away again: default names, ids of what is referred to, addresses that it picks.
Object as_written(Object read, const Object& written) {
  read.parent_uuid = {};
  if (written.display_name.empty()) read.display_name.clear();
  if (written.mac.empty()) read.mac.clear();
  for (auto* list : {&read.networks, &read.machines, &read.interfaces, &read.projects})
    for (auto& reference : *list) reference.uuid = {};
  for (auto& reference : read.policies) reference.uuid = {};
  for (std::size_t i = 0; i < read.ipams.size(); ++i) {
    read.ipams[i].uuid = {};
    for (std::size_t k = 0; k < read.ipams[i].subnets.size(); ++k) {
      const auto& subnet = written.ipams.at(i).subnets.at(k);
      if (!subnet.gateway) read.ipams[i].subnets[k].gateway.reset();
      if (!subnet.dns) read.ipams[i].subnets[k].dns.reset();
    }
  }
  return read;
}

class Guestbook : public ServerTest {
 protected:
  void SetUp() override {
    for (const auto& object : objects_) expect(200, create(object));
  }
  const std::vector<Object> objects_ = guestbook_objects();
};

TEST_F(Guestbook, IsReadBackAsItWasWritten) {
  ASSERT_EQ(objects_.size(), 48U);
  for (const auto& object : objects_) {
    const auto found = read_back(object);
    EXPECT_EQ(as_written(found, object), object) << name(object.type) << ' ' << object.fq_name;
    EXPECT_EQ(*parse_id(expect(200, name_to_id(object.type, object.fq_name)).body), object.uuid);
    if (!parent_type(object.type).empty()) {
      EXPECT_FALSE(found.parent_uuid.is_nil()) << object.fq_name;
    }
  }
}

TEST_F(Guestbook, ListsSayTheSameAsReads) {
  for (int i = 0; i < type_count; ++i) {
    const auto type = static_cast<Type>(i);
    const auto listing = list_of(type, {}, fields_of(type));
    ASSERT_TRUE(listing.answer) << listing.answer.error().error.message;
    for (const auto& object : objects_) {
      if (object.type != type) continue;
      ASSERT_TRUE(listing.objects.contains(object.fq_name)) << object.fq_name;
      EXPECT_EQ(listing.objects.at(object.fq_name), read_back(object));
    }
  }
}

TEST_F(Guestbook, ListsByScope) {
  const auto& gb = named(objects_, Type::project, "gb");
  const auto& dns = named(objects_, Type::project, "kube-system");
  const auto of_projects = list_of(Type::virtual_network, {.parents = {gb.uuid, dns.uuid}}, {});
  EXPECT_EQ(of_projects.objects.size(), 7U);
  for (const auto& [name, network] : of_projects.objects)
    EXPECT_EQ(network.parent_uuid, parent_of(name) == gb.fq_name ? gb.uuid : dns.uuid);

  const auto& pods = named(objects_, Type::virtual_network, "addr-alloc");
  const auto addresses = list_of(Type::instance_ip, {.back_references = {pods.uuid}}, {Field::address});
  EXPECT_EQ(addresses.objects.size(), 6U);
  for (const auto& [name, address] : addresses.objects) EXPECT_TRUE(address.address) << name;

  const Uuid unknown = *Uuid::parse("ffffffff-0000-4000-8000-000000000000");
  EXPECT_EQ(list_of(Type::virtual_network, {.uuids = {pods.uuid, unknown}}, {}).objects.size(), 1U);
  EXPECT_TRUE(list_of(Type::virtual_network, {.parents = {unknown}}, {}).objects.empty());

  const auto wanted =
      list_of(Type::virtual_machine, {}, {Field::annotations}, [](const Uuid&, const Annotations& annotations) {
        const auto* object = annotations.find("opencontrail.org/object");
        return object != nullptr && *object == "gb/guestbook-2";
      });
  EXPECT_EQ(wanted.objects.size(), 1U);
}

TEST_F(Guestbook, BackendsComeAndGo) {
  const auto& service = named(objects_, Type::floating_ip, "guestbook");
  const auto& pod = named(objects_, Type::virtual_machine_interface, "guestbook-2");
  expect(200, ref_update(service.type, service.uuid, Field::interfaces, pod.uuid, Operation::remove));
  EXPECT_EQ(read_back(service).interfaces.size(), 2U);
  expect(200, ref_update(service.type, service.uuid, Field::interfaces, pod.uuid, Operation::add));
  EXPECT_EQ(read_back(service).interfaces.size(), 3U);

  auto changed = service;
  changed.interfaces.clear();
  changed.port_mappings.clear();
  changed.port_mappings_enable = false;
  expect(200, put(changed, service.uuid, {Field::interfaces, Field::port_mappings}));
  EXPECT_EQ(as_written(read_back(service), changed), changed);
  expect(200, put(service, service.uuid, {Field::interfaces, Field::port_mappings}));
  EXPECT_EQ(as_written(read_back(service), service), service);
}

TEST_F(Guestbook, PoliciesComeAndGo) {
  const auto& network = named(objects_, Type::virtual_network, "redis-master");
  const auto& policy = named(objects_, Type::network_policy, "__svc_default");
  expect(200, ref_update(network.type, network.uuid, Field::policies, policy.uuid, Operation::remove));
  EXPECT_TRUE(read_back(network).policies.empty());
  expect(200, ref_update(network.type, network.uuid, Field::policies, policy.uuid, Operation::add, Sequence{11, 2}));
  EXPECT_EQ(read_back(network).policies.at(0).sequence, (Sequence{11, 2}));

  auto fewer = policy;
  fewer.rules.pop_back();
  expect(200, put(fewer, policy.uuid, {Field::rules}));
  EXPECT_EQ(read_back(policy).rules, fewer.rules);
  fewer.rules.clear();
  expect(200, put(fewer, policy.uuid, {Field::rules}));
  EXPECT_TRUE(read_back(policy).rules.empty());
}

// Rules and subnets of another client go through a read and a write unharmed.
TEST_F(Guestbook, ForeignPartsSurviveAWrite) {
  auto policy = named(objects_, Type::network_policy, "__svc_redis-slave");
  Rule foreign;
  foreign.plain = false;
  foreign.uuid = uuid_v5({}, "foreign");
  foreign.raw = R"({"protocol":"tcp","direction":">","src_addresses":[{"virtual_network":"default-domain:gb:x"}],)"
                R"("dst_addresses":[{"virtual_network":"any"}],"src_ports":[{"start_port":-1,"end_port":-1}],)"
                R"("dst_ports":[{"start_port":6379,"end_port":6380}],"action_list":{"simple_action":"pass"},)"
                R"("rule_uuid":")" +
                foreign.uuid.text() + R"("})";
  policy.rules.push_back(foreign);
  expect(200, put(policy, policy.uuid, {Field::rules}));
  const auto once = read_back(policy);
  expect(200, put(once, policy.uuid, {Field::rules}));
  const auto twice = read_back(policy);
  EXPECT_EQ(once.rules, twice.rules);
  ASSERT_EQ(twice.rules.size(), 2U);
  EXPECT_FALSE(twice.rules[1].plain);
  EXPECT_EQ(nlohmann::json::parse(twice.rules[1].raw), nlohmann::json::parse(foreign.raw));

  const auto network = read_back(named(objects_, Type::virtual_network, "service-guestbook"));
  expect(200, put(network, network.uuid, {Field::ipams}));
  EXPECT_EQ(read_back(network).ipams, network.ipams);
}

TEST_F(Guestbook, SingleAnnotations) {
  const auto& network = named(objects_, Type::virtual_network, "guestbook");
  expect(200, set_annotations(network.uuid, {{"k \"é", "v\n"}, {"opencontrail.org/uid", std::nullopt}}));
  auto wanted = network.annotations;
  wanted.erase("opencontrail.org/uid");
  wanted["k \"é"] = "v\n";
  EXPECT_EQ(read_back(network).annotations, wanted);
  auto cleared = network;
  cleared.annotations.clear();
  expect(200, put(cleared, network.uuid, {Field::annotations}));
  EXPECT_TRUE(read_back(network).annotations.empty());
}

TEST_F(Guestbook, ConflictsAndAbsencesAreStatuses) {
  const auto& network = named(objects_, Type::virtual_network, "guestbook");
  expect(409, create(network));
  expect(409, remove(network.type, network.uuid));
  expect(404, read(Type::project, network.uuid));
  expect(404, name_to_id(Type::project, "default-domain:gone"));
}

TEST_F(Guestbook, GoesInReverseAndLeavesNothing) {
  for (auto object = objects_.rbegin(); object != objects_.rend(); ++object)
    expect(200, remove(object->type, object->uuid));
  for (const auto& object : objects_) expect(404, read(object.type, object.uuid));
  EXPECT_TRUE(list_of(Type::virtual_machine, {}, {}).objects.empty());
}

}  // namespace
}  // namespace contrail::test
