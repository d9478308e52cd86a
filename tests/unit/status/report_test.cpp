#include "controller/status/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "controller/status/printable.hpp"
#include "controller/status/state.hpp"
#include "tests/support/guestbook.hpp"
#include "tests/unit/status/clusters.hpp"
#include "tests/unit/status/golden.hpp"

namespace knm::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

std::string report(World& world, const RenderOptions& options = {}) {
  return render_report(state_json(world).dump(), options).value();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(line);
  return out;
}

std::string without_colours(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9]*m"), "");
}

struct Scene {
  const char* name;
  void (*prepare)(World&);
  bool converges = true;
};

void guestbook(World& world) { Guestbook::apply_all(world); }
void half_way(World& world) {
  guestbook(world);
  world.start();
  for (int i = 0; i < 30; ++i) world.step();
}
void down(World& world) {
  guestbook(world);
  world.start();
  take_down(world);
  for (int i = 0; i < 100; ++i) world.step();
}
void refused(World& world) {
  guestbook(world);
  world.start();
  refuse(world, "redis-slave");
  for (int i = 0; i < 1000; ++i) world.step();
}
void problems(World& world) {
  apply_shop(world);
  world.apply(make_service("shop", "thief", "thief", "10.254.3.1", {.external_ips = {"8.8.8.8"}, .created = 2000}));
  world.apply(make_pod("shop", "odd", "odd", {.uses = "db,b%"}));
}
void one_tier(World& world) { apply_mesh(world, 1, 1); }
void sixty_tiers(World& world) { apply_mesh(world, 60, 5); }
void nothing(World&) {}
void many_namespaces(World& world) {
  for (int i = 0; i < 150; ++i) {
    const auto ns = "team-" + std::to_string(i);
    world.apply(make_namespace(ns));
    world.apply(make_pod(ns, "web", "web"));
  }
}
// The longest names that Kubernetes allows.
void long_names(World& world) {
  const auto text = [](char c, std::size_t length) { return std::string(length, c); };
  const auto ns = text('n', 63), tier = text('t', 63), other = text('o', 63);
  world.apply(make_namespace(ns));
  const std::vector<k8s::Pod> pods{make_pod(ns, text('p', 253), tier, {.uses = other + "," + text('m', 63)})};
  world.apply(pods.front());
  world.apply(make_pod(ns, text('q', 253), other));
  world.apply(make_service(ns, text('s', 63), other, "10.254.1.1", {.ports = {{"", "TCP", 80, 8080, "", 0}}}));
  auto slice = make_slice(ns, text('s', 63), pods);
  slice.ports = {{"", "TCP", 8080}};
  world.apply(slice);
}

constexpr Scene scenes[] = {
    {"guestbook", guestbook},
    {"shop", apply_shop},
    {"problems", problems},
    {"half-way", half_way, false},
    {"config-api-down", down, false},
    {"refused", refused, false},
    {"one-tier", one_tier},
    {"sixty-tiers", sixty_tiers},
    {"nothing", nothing},
    {"many-namespaces", many_namespaces},
    {"long-names", long_names},
};

class Report : public testing::TestWithParam<Scene> {
 protected:
  void SetUp() override {
    GetParam().prepare(world_);
    if (!GetParam().converges) return;
    world_.start();
    ASSERT_TRUE(world_.converge());
  }
  World world_;
};

TEST_P(Report, IsAsInItsFile) {
  const auto text = report(world_);
  EXPECT_EQ(text, golden(std::string(GetParam().name) + ".txt", text));
}

TEST_P(Report, NoLineIsWiderThanRequested) {
  for (const std::size_t width : {60, 61, 73, 80, 100, 120})
    for (const bool utf8 : {true, false})
      for (const auto& line : lines_of(report(world_, {.width = width, .utf8 = utf8})))
        EXPECT_LE(columns(std::string_view(line)), width) << line;
}

TEST_P(Report, AsciiIsAscii) {
  for (const char c : report(world_, {.utf8 = false})) ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << int(c);
}

TEST_P(Report, ColoursDoNotChangeTheText) {
  const auto plain = report(world_);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  const auto coloured = report(world_, {.colour = true});
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(without_colours(coloured), plain);
}

TEST_P(Report, NoLineEndsInBlanks) {
  for (const auto& line : lines_of(report(world_))) EXPECT_FALSE(line.ends_with(' ')) << '"' << line << '"';
}

// A missing member or one of another type must give an error message, never a crash. The report needs most members.
TEST_P(Report, ADamagedStateIsAnErrorWithAMessage) {
  const auto state = state_json(world_);
  std::size_t refusals = 0;
  const auto expect_words = [&](const Json& damaged) {
    const auto result = render_report(damaged.dump());
    if (result) return;
    ++refusals;
    EXPECT_THAT(result.error().message, HasSubstr("the state of the server"));
  };
  for (const auto& [key, value] : state.items()) {
    auto damaged = state;
    damaged.erase(key);
    expect_words(damaged);
    for (const Json& other : {Json(nullptr), Json(-1), Json("x"), Json::array({1, "y"}), Json{{"z", 1}}}) {
      damaged[key] = other;
      expect_words(damaged);
    }
  }
  EXPECT_GT(refusals, state.size() * 3);
}

INSTANTIATE_TEST_SUITE_P(Scenes, Report, testing::ValuesIn(scenes), [](const auto& scene) {
  std::string name = scene.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ReportOfGuestbook, ListsTheTiersWithoutAccess) {
  World world;
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto text = report(world);
  EXPECT_THAT(text, HasSubstr("redis-master → no other tier"));
  EXPECT_THAT(text, HasSubstr("no tier      → guestbook"));
  EXPECT_THAT(text, HasSubstr("everything is in sync"));
  EXPECT_THAT(text, Not(HasSubstr("Out of sync")));
}

TEST(ReportOfExternalNetworks, ShowsTheExistingNetworksAndTheirTiers) {
  auto settings = demo_settings();
  settings.global_network = {"default-domain:legacy:backbone", "default-domain:default-project:Public"};
  settings.external_service = {{"oracle", {"default-domain:gb:redis-master", {}}}};
  World world(settings);
  Guestbook::apply_all(world);
  world.apply(make_pod("gb", "billing", "billing", {.uses = "oracle"}));
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  ASSERT_EQ(state["external_networks"].size(), 3U);
  EXPECT_EQ(state["external_networks"][0]["network"], "default-domain:default-project:Public");
  EXPECT_EQ(state["external_networks"][0]["tier_count"], 4);
  EXPECT_EQ(state["external_networks"][0]["state"], "in sync");
  EXPECT_EQ(state["external_networks"][1]["services"], Json({"gb/oracle"}));
  EXPECT_EQ(state["external_networks"][2]["exists"], false);
  const auto text = report(world);
  EXPECT_THAT(text, HasSubstr("default-domain:default-project:Public  4 tiers connected"));
  EXPECT_THAT(text, HasSubstr("default-domain:gb:redis-master  external service for gb/oracle"));
  EXPECT_THAT(text, HasSubstr("default-domain:legacy:backbone  not found yet"));
}

// The authors of Pods choose the number of uses.
TEST(ReportOfVeryManyUses, IsShortAndShowsTheNumberOfFurtherUses) {
  World world;
  world.apply(make_namespace("many"));
  for (int pod = 0; pod < 12; ++pod) {
    std::string names;
    for (int i = 0; i < 250; ++i) names += "t" + std::to_string(pod * 250 + i) + ",";
    PodOptions options;
    options.uses = names;
    world.apply(make_pod("many", "p" + std::to_string(pod), "web", options));
  }
  for (int i = 0; i < 100; ++i)
    world.apply(
        make_service("many", "s" + std::to_string(i), "t" + std::to_string(i), "10.254.3." + std::to_string(i)));
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  const auto& tier = state["namespaces"][0]["pod_tiers"][0];
  EXPECT_EQ(tier["use_count"], 3000);
  EXPECT_EQ(tier["uses"].size(), 200U);
  EXPECT_EQ(
      std::count_if(tier["uses"].begin(), tier["uses"].end(), [](const auto& use) { return use["open"] == true; }),
      100);
  const auto text = report(world);
  EXPECT_THAT(text, HasSubstr("and 60 more"));
  EXPECT_THAT(text, HasSubstr("2894 more"));
  const auto full = render_report(state_of(world.engine(), {.limits = StateLimits::none()}).dump(), {.full = true});
  EXPECT_THAT(full.value(), HasSubstr("t2999"));
}

TEST(ReportInFull, FoldsNoList) {
  World world;
  apply_mesh(world, 60, 20);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_of(world.engine(), {.limits = StateLimits::none()}).dump();
  const auto folded = render_report(state).value(), full = render_report(state, {.full = true}).value();
  EXPECT_THAT(folded, HasSubstr("… 18 more"));
  EXPECT_THAT(folded, Not(HasSubstr("tier-59-19")));
  EXPECT_THAT(full, Not(HasSubstr("…")));
  EXPECT_THAT(full, HasSubstr("tier-59-19"));
}

TEST(ReportOfStart, ShowsWhatTheControllerWaitsFor) {
  Engine engine(demo_settings(), 1);
  for (const auto& pod : Guestbook::all_pods()) engine.put(pod);
  const auto kubernetes = render_report(state_of(engine, {.kubernetes_synced = false}).dump()).value();
  EXPECT_THAT(kubernetes, HasSubstr("waiting for Kubernetes"));
  const auto config_api =
      render_report(
          state_of(engine, {.config_api = "http://h:8082", .config_api_error = "connect: Connection refused"}).dump())
          .value();
  EXPECT_THAT(config_api, HasSubstr("the config API does not answer"));
  EXPECT_THAT(config_api, HasSubstr("connect: Connection refused"));
  EXPECT_THAT(config_api, HasSubstr("6 pods"));
}

// The Service by which Pods find the API server; its endpoints are not Pods.
TEST(ReportOfTheApiServer, ShowsThatNoPodReachesIt) {
  const auto text_of = [](Settings settings) {
    World world(std::move(settings));
    world.apply(make_namespace("default"));
    auto service = make_service("default", "kubernetes", "", "10.254.0.1");
    service.has_selector = false;
    world.apply(service);
    world.start();
    EXPECT_TRUE(world.converge());
    return report(world);
  };
  EXPECT_THAT(text_of(demo_settings()),
              HasSubstr("default/kubernetes  no pod on these networks reaches the API server"));
  auto mapped = demo_settings();
  mapped.external_service = {{"kubernetes", {"default-domain:infra:control-plane", {}}}};
  EXPECT_THAT(text_of(mapped), Not(HasSubstr("reaches the API server")));
  World without;
  Guestbook::apply_all(without);
  without.start();
  ASSERT_TRUE(without.converge());
  EXPECT_THAT(report(without), Not(HasSubstr("reaches the API server")));
}

TEST(ReportOfThePolicy, ShowsThatItIsMissing) {
  Engine engine(demo_settings(), 1);
  const auto text_of = [&](const char* state, const char* why) {
    return render_report(state_of(engine, {.pod_state_policy = state, .pod_state_policy_why = why}).dump()).value();
  };
  EXPECT_THAT(
      text_of("not in force", "there is none of that name"),
      HasSubstr("the pod state annotation is not protected from the authors of pods: there is none of that name"));
  EXPECT_THAT(text_of("cannot be checked", "permission to get it"),
              HasSubstr("cannot be checked: permission to get it"));
  EXPECT_THAT(text_of("in force", ""), Not(HasSubstr("forge")));
}

TEST(ReportOfRings, TiersThatUseEachOtherAreShown) {
  World world;
  world.apply(make_namespace("ring"));
  for (const auto& [tier, uses] :
       {std::pair("a", "b"), std::pair("b", "c"), std::pair("c", "a,d"), std::pair("d", "d")}) {
    world.apply(make_pod("ring", tier, tier, {.uses = uses}));
    world.apply(make_service("ring", tier, tier, std::string("10.254.1.") + std::to_string(tier[0] - 'a' + 1)));
  }
  world.start();
  ASSERT_TRUE(world.converge());
  const auto text = report(world);
  for (const auto* line : {"a → b", "b → c", "c → a, d", "d → d"}) EXPECT_THAT(text, HasSubstr(line));
}

TEST(ReportOfNonsense, IsRefused) {
  EXPECT_THAT(render_report("<html>").error().message, HasSubstr("is not JSON"));
  EXPECT_THAT(render_report("[]").error().message, HasSubstr("a format that this program does not read"));
  EXPECT_THAT(render_report(R"({"format": 999})").error().message,
              HasSubstr("a format that this program does not read"));
}

TEST(Printable, RemovesControlCharactersAndInvalidBytes) {
  EXPECT_EQ(printable("plain – text"), "plain – text");
  EXPECT_EQ(printable("a\tb\r\nc\x7f"), "a b c");
  EXPECT_EQ(printable("\x1b[1;31mred\x1b[0m"), "red");
  EXPECT_EQ(printable("a\x1b]0;title\x07z"), "a ]0;title z");
  EXPECT_EQ(printable("cut \xe2\x82"), "cut ??");
  EXPECT_EQ(printable("\xc0\xaf \xed\xa0\x80 \xf5"), "?? ??? ?");
  EXPECT_EQ(printable("c1 \xc2\x9b"
                      "31m"),
            "c1 31m");
  EXPECT_EQ(printable("öö", 3), "ö");
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace knm::test
