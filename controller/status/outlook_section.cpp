#include <algorithm>

#include "controller/status/printable.hpp"
#include "controller/status/sections.hpp"

// The parts of the report that are about the whole: how things stand, the networks, and what is out of step.
namespace knm {
namespace {

constexpr std::size_t networks_shown = 24, troubles_shown = 20, pods_shown = 10;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : std::string(separator)) + part;
  return out;
}

std::string spaced_dot(const Canvas& canvas) { return " " + std::string(canvas.glyphs().dot) + " "; }

bool server_answers(const Json& state) { return state.at("config_api").at("answers").get<bool>(); }
bool is_running(const Json& state) { return text_of(state.at("controller"), "phase") == "running"; }

// How things stand, in a few words.
Span verdict(const Canvas& canvas, const Json& state) {
  const auto& counts = state.at("counts");
  const auto warn = std::string(canvas.glyphs().warn) + " ";
  if (!server_answers(state)) return {warn + "the config API does not answer", Style::bad};
  if (!is_running(state)) return {warn + text_of(state.at("controller"), "phase"), Style::warn};
  if (!state.at("converged").get<bool>()) {
    if (const auto waiting = count_of(counts, "pods_waiting"); waiting > 0)
      return {warn + counted(waiting, "pod waits", "pods wait") + " for the network", Style::warn};
    return {warn + counted(count_of(counts, "out_of_step"), "object is", "objects are") + " out of step", Style::warn};
  }
  if (const auto problems = count_of(counts, "problems"); problems > 0)
    return {warn + "as wanted, but for " + counted(problems, "problem"), Style::warn};
  return {std::string(canvas.glyphs().good) + " everything is as wanted", Style::good};
}

std::size_t objects_there(const Json& state) {
  std::size_t out = 0;
  for (const auto& [kind, states] : state.at("entries").items())
    if (kind != "pod-state" && states.contains("settled")) out += states.at("settled").get<std::size_t>();
  return out;
}

void write_trouble(Canvas& canvas, const Json& element) {
  const auto state = text_of(element, "state");
  const auto sort = state == "conflict" || element.contains("error") ? Style::bad : Style::warn;
  canvas.flow(4, {}, {{{text_of(element, "kind") + " "}}, {{text_of(element, "name")}}, {{" " + state, sort}}}, "");
  const Spans lead{{"  "}};
  if (state == "conflict")
    canvas.prose(
        4, lead,
        {"somebody else's object has this name; it is left alone. Rename it, or what asks for it", Style::dim});
  if (element.contains("waits_for")) {
    const auto& other = element.at("waits_for");
    canvas.prose(4, lead, {"waits for " + text_of(other, "what") + ": " + text_of(other, "state"), Style::dim});
  }
  if (element.contains("error")) {
    auto text = "to " + text_of(element, "intention") + " it failed: " + text_of(element, "error");
    if (element.contains("retry_in_ms"))
      text += " (tried again in " + counted((count_of(element, "retry_in_ms") + 999) / 1000, "second") + ")";
    canvas.prose(4, lead, {text, Style::dim});
  }
}

struct Waiting {
  std::string pod;
  const Json* reason;
};

std::vector<Waiting> waiting_pods(const Json& state) {
  std::vector<Waiting> out;
  for (const auto& ns : state.at("namespaces"))
    for (const auto& tier : ns.at("pod_tiers"))
      for (const auto& pod : tier.at("pods"))
        if (pod.contains("waits_for"))
          out.push_back({text_of(ns, "name") + "/" + text_of(pod, "name"), &pod.at("waits_for")});
  return out;
}

void write_waiting_pods(Canvas& canvas, const Json& state) {
  const auto waiting = waiting_pods(state);
  const auto total = count_of(state.at("counts"), "pods_waiting");
  if (waiting.empty()) return;
  canvas.blank();
  canvas.line(2, {{"Pods without their network", Style::title}});
  for (std::size_t i = 0; i < std::min(waiting.size(), pods_shown); ++i) {
    const auto& reason = *waiting[i].reason;
    auto text = "waits for " + text_of(reason, "what") + ": " + text_of(reason, "state");
    if (!text_of(reason, "error").empty()) text += ": " + text_of(reason, "error");
    canvas.line(4, {{waiting[i].pod}});
    canvas.prose(4, {{"  "}}, {text, Style::dim});
  }
  if (total > pods_shown)
    canvas.line(4, {{std::string(canvas.glyphs().ellipsis) + " " +
                         counted(total - std::min(waiting.size(), pods_shown), "more", "more"),
                     Style::dim}});
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
  canvas.line(
      0, {{joined({counted(count_of(counts, "namespaces"), "namespace"), counted(count_of(counts, "pod_tiers"), "tier"),
                   counted(count_of(counts, "pods"), "pod"), counted(count_of(counts, "services"), "Service"),
                   counted(count_of(counts, "addresses"), "virtual address", "virtual addresses"),
                   counted(objects_there(state), "object") + " in the config API"},
                  spaced_dot(canvas))}});
}

void write_networks(Canvas& canvas, const Json& state) {
  const auto total = count_of(state.at("counts"), "networks");
  std::vector<Spans> items;
  for (const auto& network : state.at("networks")) {
    if (items.size() >= networks_shown) break;
    const bool there = network.at("exists").get<bool>();
    items.push_back({{text_of(network, "name"), there ? Style::plain : Style::warn}});
    if (!there) items.back().push_back({" to come", Style::warn});
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
  canvas.line(4, {{"See for yourself: ", Style::dim}, {"curl " + address + "/virtual-networks"}});
}

void write_out_of_step(Canvas& canvas, const Json& state) {
  const auto& behind = state.at("out_of_step");
  const auto total = count_of(state.at("counts"), "out_of_step");
  if (behind.empty() && waiting_pods(state).empty()) return;
  canvas.blank();
  canvas.section("Out of step", {{counted(total, "object"), Style::dim}});
  write_waiting_pods(canvas, state);
  if (behind.empty()) return;
  canvas.blank();
  canvas.line(2, {{"Objects that are not as wanted", Style::title}});
  std::size_t shown = 0;
  for (const auto& element : behind) {
    if (shown == troubles_shown) break;
    // Whoever only waits for another one of this list tells nothing new.
    write_trouble(canvas, element);
    ++shown;
  }
  if (total > shown)
    canvas.line(4,
                {{std::string(canvas.glyphs().ellipsis) + " " + counted(total - shown, "more", "more"), Style::dim}});
}

void write_problems(Canvas& canvas, const Json& state) {
  const auto& problems = state.at("problems");
  const auto total = count_of(state.at("counts"), "problems");
  if (problems.empty()) return;
  canvas.blank();
  canvas.section("For you to mend", {{counted(total, "problem"), Style::dim}});
  canvas.blank();
  std::size_t shown = 0;
  for (const auto& problem : problems) {
    if (shown == troubles_shown) break;
    canvas.line(4, {{text_of(problem, "kind") + " " + text_of(problem, "object") + "  "},
                    {text_of(problem, "reason"), Style::warn}});
    canvas.prose(4, {{"  "}}, {text_of(problem, "message"), Style::dim});
    ++shown;
  }
  if (total > shown)
    canvas.line(4,
                {{std::string(canvas.glyphs().ellipsis) + " " + counted(total - shown, "more", "more"), Style::dim}});
}

}  // namespace knm
