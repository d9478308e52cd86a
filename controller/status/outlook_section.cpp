#include <algorithm>
#include <map>

#include "controller/status/printable.hpp"
#include "controller/status/sections.hpp"

// The sections of the report on the whole: the verdict, the networks, and the entries that are out of sync.
namespace knm {
namespace {

constexpr std::size_t networks_shown = 24, troubles_shown = 12, reasons_shown = 8, pods_shown = 8;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : std::string(separator)) + part;
  return out;
}

// The first names of a list, and the number of the others.
std::string text_of_list(const Json& names, std::size_t total) {
  if (names.empty()) return counted(total, "service tier");
  const auto first = printable(names.front().get<std::string>());
  return total == 1 ? first : first + " and " + std::to_string(total - 1) + " more";
}

std::string spaced_dot(const Canvas& canvas) { return " " + std::string(canvas.glyphs().dot) + " "; }

bool server_answers(const Json& state) { return state.at("config_api").at("answers").get<bool>(); }
bool is_running(const Json& state) { return text_of(state.at("controller"), "phase") == "running"; }

// Whether the watch of a kind of Kubernetes object is silent.
bool is_blind(const Json& state) { return state.contains("kubernetes") && state.at("kubernetes").contains("error"); }

// The deletions that the guard holds.
Span guarded(const std::string& warn, const Json& rows) {
  std::vector<std::string> kinds;
  bool waits_for_person = false;
  for (const auto& row : rows) {
    kinds.push_back(std::to_string(count_of(row, "held")) + " of " + std::to_string(count_of(row, "of")) + " " +
                    text_of(row, "what"));
    waits_for_person |= text_of(row, "waits_for").starts_with("--");
  }
  return {
      warn + "the mass-deletion guard holds " + joined(kinds, ", ") +
          (waits_for_person ? "; check that Kubernetes shows the correct objects, then start with --allow-mass-delete"
                            : " until a second list confirms the deletion"),
      Style::bad};
}

// The overall state, in a few words.
Span verdict(const Canvas& canvas, const Json& state) {
  const auto& counts = state.at("counts");
  const auto warn = std::string(canvas.glyphs().warn) + " ";
  if (!server_answers(state)) return {warn + "the config API does not answer", Style::bad};
  if (is_blind(state)) return {warn + "a Kubernetes watch is silent", Style::bad};
  if (!is_running(state)) return {warn + text_of(state.at("controller"), "phase"), Style::warn};
  if (state.contains("guard")) return guarded(warn, state.at("guard"));
  if (!state.at("converged").get<bool>()) {
    if (const auto waiting = count_of(counts, "pods_waiting"); waiting > 0)
      return {warn + counted(waiting, "pod waits", "pods wait") + " for the network", Style::warn};
    if (const auto behind = count_of(counts, "out_of_sync"); behind > 0)
      return {warn + counted(behind, "object is", "objects are") + " out of sync", Style::warn};
    return {warn + "a change is in progress", Style::warn};
  }
  if (const auto problems = count_of(counts, "problems"); problems > 0)
    return {warn + "in sync, with " + counted(problems, "problem"), Style::warn};
  return {std::string(canvas.glyphs().good) + " everything is in sync", Style::good};
}

std::size_t objects_there(const Json& state) {
  std::size_t out = 0;
  for (const auto& [kind, states] : state.at("entries").items())
    if (kind != "pod-state" && states.contains("in sync")) out += states.at("in sync").get<std::size_t>();
  return out;
}

// One entry that failed, or whose name a foreign object has.
void write_trouble(Canvas& canvas, const Json& element) {
  const auto state = text_of(element, "state");
  canvas.flow(4, {}, {{{text_of(element, "kind") + " "}}, {{text_of(element, "name")}}, {{"  " + state, Style::bad}}},
              "");
  if (state == "conflict")
    canvas.prose(6, {},
                 {"the name or uuid belongs to another owner, whose object is left alone; remove that object, or "
                  "rename the Kubernetes object",
                  Style::dim});
  if (element.contains("held_because")) canvas.prose(6, {}, {text_of(element, "held_because"), Style::dim});
  if (!element.contains("error")) return;
  auto text = text_of(element, "error") + "; next: " + text_of(element, "intention");
  if (element.contains("retry_in_ms"))
    text += " in " + counted((count_of(element, "retry_in_ms") + 999) / 1000, "second");
  if (element.contains("failures")) text += " (" + counted(count_of(element, "failures"), "failure") + " so far)";
  canvas.prose(6, {}, {text, Style::dim});
}

std::string reason_of(const Json& waits_for) {
  auto out = text_of(waits_for, "what") + ": " + text_of(waits_for, "state");
  if (const auto error = text_of(waits_for, "error"); !error.empty()) out += ": " + error;
  return out;
}

// Waiting Pods, by the entry that they wait for.
std::map<std::string, std::vector<std::string>> waiting_pods(const Json& state) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& ns : state.at("namespaces"))
    for (const auto& tier : ns.at("pod_tiers"))
      for (const auto& pod : tier.at("pods"))
        if (pod.contains("waits_for"))
          out[reason_of(pod.at("waits_for"))].push_back(text_of(ns, "name") + "/" + text_of(pod, "name"));
  return out;
}

void write_waiting_pods(Canvas& canvas, const Json& state) {
  const auto reasons = waiting_pods(state);
  if (reasons.empty()) return;
  canvas.blank();
  canvas.line(2, {{"Pods without their network", Style::title}});
  std::size_t told = 0, listed = 0;
  for (const auto& [reason, pods] : reasons) {
    if (told++ == canvas.shown(reasons.size(), reasons_shown)) break;
    listed += pods.size();
    std::vector<Spans> items;
    for (const auto& pod : pods)
      if (items.size() < canvas.shown(pods.size(), pods_shown)) items.push_back({{pod}});
    add_rest(items, items.size(), pods.size(), canvas.glyphs());
    canvas.flow(4, {}, items, ", ");
    canvas.prose(6, {}, {(pods.size() == 1 ? "waits for " : "wait for ") + reason, Style::dim});
  }
  if (const auto total = count_of(state.at("counts"), "pods_waiting"); total > listed)
    canvas.line(4,
                {{std::string(canvas.glyphs().ellipsis) + " " + counted(total - listed, "more", "more"), Style::dim}});
}

// Whether an entry waits for something that needs help; one that waits for another entry in the list does not count.
bool is_trouble(const Json& element) {
  if (element.contains("error") || element.contains("held_because") || text_of(element, "state") == "conflict")
    return true;
  return element.contains("waits_for") && text_of(element.at("waits_for"), "state").starts_with("not desired");
}

}  // namespace

void write_header(Canvas& canvas, const Json& state) {
  const auto& controller = state.at("controller");
  const auto& counts = state.at("counts");
  const auto& config_api = state.at("config_api");
  canvas.ends({{"kube-network-manager " + text_of(controller, "version"), Style::title}}, {verdict(canvas, state)});
  const auto address = text_of(config_api, "address");
  std::vector<std::string> place;
  if (!address.empty()) place.push_back("config API " + address);
  if (!text_of(controller, "owner").empty()) place.push_back("cluster " + text_of(controller, "owner"));
  if (controller.at("read_only").get<bool>()) place.emplace_back("read-only");
  if (!place.empty()) canvas.line(0, {{joined(place, spaced_dot(canvas)), Style::dim}});
  if (config_api.contains("error") && !text_of(config_api, "error").empty())
    canvas.prose(0, {{"config API: ", Style::bad}}, {text_of(config_api, "error")});
  if (controller.contains("pod_state_policy_why")) {
    const bool open = text_of(controller, "pod_state_policy") == "not in force";
    const auto what = open ? "the pod state annotation is not protected from the authors of pods: "
                           : "the protection of the pod state annotation cannot be checked: ";
    canvas.prose(0, {{what, open ? Style::bad : Style::warn}}, {text_of(controller, "pod_state_policy_why")});
  }
  if (is_blind(state)) canvas.prose(0, {{"Kubernetes: ", Style::bad}}, {text_of(state.at("kubernetes"), "error")});
  std::vector<Spans> all;
  for (const auto& count :
       {counted(count_of(counts, "namespaces"), "namespace"), counted(count_of(counts, "pod_tiers"), "tier"),
        counted(count_of(counts, "pods"), "pod"), counted(count_of(counts, "services"), "Service"),
        counted(count_of(counts, "addresses"), "virtual address", "virtual addresses"),
        counted(objects_there(state), "object") + " in the config API"})
    all.push_back({{count}});
  canvas.flow(0, {}, all, spaced_dot(canvas));
}

void write_networks(Canvas& canvas, const Json& state) {
  const auto total = count_of(state.at("counts"), "networks");
  std::vector<Spans> items;
  const auto& networks = state.at("networks");
  const auto shown = canvas.shown(networks.size(), networks_shown);
  for (const auto& network : networks) {
    if (items.size() >= shown) break;
    const bool there = network.at("exists").get<bool>();
    items.push_back({{text_of(network, "name"), there ? Style::plain : Style::warn}});
    if (!there) items.back().push_back({" not created yet", Style::warn});
    if (!network.at("desired").get<bool>()) items.back().push_back({" to be deleted", Style::warn});
  }
  if (items.empty()) return;
  add_rest(items, items.size(), total, canvas.glyphs());
  canvas.blank();
  canvas.section("Networks in the config API", {{std::to_string(total), Style::dim}});
  canvas.blank();
  canvas.grid(4, {}, items);
  const auto address = text_of(state.at("config_api"), "address");
  if (address.empty()) return;
  canvas.blank();
  canvas.line(4, {{"Check with: ", Style::dim}, {"curl " + address + "/virtual-networks"}});
}

namespace {

// Programs in Pods often need the API server, and cannot reach it by default.
void write_api_server(Canvas& canvas, const Json& state) {
  if (!state.contains("api_server")) return;
  const auto& reached = state.at("api_server");
  if (reached.at("address").get<bool>() || reached.contains("external_service")) return;
  canvas.blank();
  canvas.prose(
      2, {{text_of(reached, "service") + "  ", Style::title}},
      {"no pod on these networks reaches the API server with this Service, unless the config API has a link-local "
       "service for it, which the controller does not see; docs/api-server.md lists the alternatives",
       Style::dim});
}

}  // namespace

void write_outside(Canvas& canvas, const Json& state) {
  write_api_server(canvas, state);
  if (!state.contains("external_networks") || state.at("external_networks").empty()) return;
  const auto& networks = state.at("external_networks");
  canvas.blank();
  canvas.section("External networks", {{std::to_string(networks.size()), Style::dim}});
  canvas.blank();
  const auto shown = canvas.shown(networks.size(), networks_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& network = networks[i];
    std::vector<std::string> parts;
    if (network.at("global").get<bool>())
      parts.push_back(counted(count_of(network, "tier_count"), "tier") + " connected");
    if (const auto services = count_of(network, "service_count"); services > 0)
      parts.push_back("external service for " + text_of_list(network.at("services"), services));
    if (parts.empty()) parts.emplace_back("no pod uses it");
    const bool there = network.at("exists").get<bool>();
    const auto text = there ? joined(parts, ", ") : "not found yet; every audit looks for it";
    canvas.prose(4, {{text_of(network, "network") + "  "}}, {text, there ? Style::dim : Style::warn});
  }
  if (shown < networks.size())
    canvas.line(4, {{"and " + std::to_string(networks.size() - shown) + " more", Style::dim}});
}

void write_out_of_step(Canvas& canvas, const Json& state) {
  const auto total = count_of(state.at("counts"), "out_of_sync");
  if (total == 0 && count_of(state.at("counts"), "pods_waiting") == 0) return;
  canvas.blank();
  canvas.section("Out of sync", {{counted(total, "object"), Style::dim}});
  if (!server_answers(state)) {
    canvas.blank();
    canvas.prose(4, {}, {"All of these objects wait for the config API. The controller retries until it answers."});
    return;
  }
  write_waiting_pods(canvas, state);
  std::vector<const Json*> troubles;
  const auto& behind = state.at("out_of_sync");
  const auto limit = canvas.shown(behind.size(), troubles_shown);
  for (const auto& element : behind)
    if (is_trouble(element) && troubles.size() < limit) troubles.push_back(&element);
  canvas.blank();
  if (!troubles.empty()) canvas.line(2, {{"Objects that cannot be written", Style::title}});
  for (const auto* trouble : troubles) write_trouble(canvas, *trouble);
  if (total > troubles.size())
    canvas.line(4, {{counted(total - troubles.size(), troubles.empty() ? "object is" : "more is",
                             troubles.empty() ? "objects are" : "more are") +
                         " in progress, or wait for other objects",
                     Style::dim}});
}

void write_problems(Canvas& canvas, const Json& state) {
  const auto& problems = state.at("problems");
  const auto total = count_of(state.at("counts"), "problems");
  if (problems.empty()) return;
  canvas.blank();
  canvas.section("Problems", {{counted(total, "problem"), Style::dim}});
  canvas.blank();
  std::size_t shown = 0;
  for (const auto& problem : problems) {
    if (shown == canvas.shown(problems.size(), troubles_shown)) break;
    canvas.line(4, {{text_of(problem, "kind") + " " + text_of(problem, "object") + "  "},
                    {text_of(problem, "reason"), Style::warn}});
    canvas.prose(4, {{"  "}}, {text_of(problem, "message"), Style::dim});
    ++shown;
  }
  if (total > shown)
    canvas.line(4,
                {{std::string(canvas.glyphs().ellipsis) + " " + counted(total - shown, "more", "more"), Style::dim}});
}

void write_notices(Canvas& canvas, const Json& state) {
  const auto& notices = state.at("notices");
  if (notices.empty()) return;
  const auto total = count_of(state.at("counts"), "notices");
  canvas.blank();
  canvas.section("Notices", {{counted(total, "notice"), Style::dim}});
  canvas.blank();
  const auto shown = canvas.shown(notices.size(), troubles_shown);
  for (std::size_t i = 0; i < shown; ++i)
    canvas.prose(4, {{text_of(notices[i], "kind") + " " + text_of(notices[i], "object") + "  "}},
                 {text_of(notices[i], "message"), Style::dim});
  if (total > shown)
    canvas.line(4,
                {{std::string(canvas.glyphs().ellipsis) + " " + counted(total - shown, "more", "more"), Style::dim}});
}

}  // namespace knm
