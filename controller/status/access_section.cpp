#include <algorithm>
#include <map>
#include <set>

#include "controller/status/printable.hpp"
#include "controller/status/sections.hpp"

namespace knm {
namespace {

constexpr std::size_t widest_name = 24;
constexpr std::size_t fewest_cells = 4, most_rows = 12;  // of a table; below it says nothing that a line does not

// What the state says about a namespace's pod tiers and service tiers, by name of the tier.
struct View {
  std::string ns;
  std::vector<std::string> users;    // pod tiers, those that nobody builds on first
  std::vector<std::string> targets;  // service tiers that exist, in the same order, without everybody's
  std::map<std::string, std::map<std::string, const Json*>> uses;  // by pod tier, by service tier: an element of `uses`
  std::vector<const Json*> everybody;                              // that its pods reach without asking
  std::set<std::string> used;                                      // service tiers that some pod tier reaches by `uses`
};

std::string last_part(const std::string& key) { return key.substr(key.find('/') + 1); }

// How many tiers there are, one behind the other, below a tier. A tier on its own path counts once.
int depth(const View& view, const std::string& tier, std::set<std::string>& path) {
  const auto found = view.uses.find(tier);
  if (found == view.uses.end() || !path.insert(tier).second) return 0;
  int deepest = 0;
  for (const auto& [target, use] : found->second)
    if (target != tier) deepest = std::max(deepest, 1 + depth(view, target, path));
  path.erase(tier);
  return deepest;
}

// Users before those that they use, so that the eye follows the calls; all tiers of a ring count alike.
void sort_by_depth(const View& view, std::vector<std::string>& tiers) {
  constexpr std::size_t most_sorted = 60;  // beyond, the order of the names is the better one
  if (tiers.size() > most_sorted) return;
  std::map<std::string, int> depths;
  for (const auto& tier : tiers) {
    std::set<std::string> path;
    depths[tier] = depth(view, tier, path);
  }
  std::sort(tiers.begin(), tiers.end(), [&](const auto& a, const auto& b) {
    return std::pair(-depths[a], std::string_view(a)) < std::pair(-depths[b], std::string_view(b));
  });
}

View view_of(const Json& state, const Json& ns) {
  View out;
  out.ns = text_of(ns, "name");
  for (const auto& element : state.at("everybody")) {
    const bool here = element.at("namespace").is_null() || text_of(element, "namespace") == out.ns;
    if (here && element.at("open").get<bool>()) out.everybody.push_back(&element);
  }
  for (const auto& tier : ns.at("pod_tiers")) {
    const auto name = text_of(tier, "tier");
    out.users.push_back(name);
    for (const auto& use : tier.at("uses")) {
      const auto target = last_part(text_of(use, "tier"));
      out.uses[name][target] = &use;
      if (use.at("open").get<bool>()) out.used.insert(target);
    }
  }
  for (const auto& tier : ns.at("service_tiers")) {
    const auto name = text_of(tier, "tier");
    const bool everybodys = std::any_of(out.everybody.begin(), out.everybody.end(), [&](const auto* element) {
      return text_of(*element, "to") == out.ns + "/" + name;
    });
    if (!everybodys || out.used.contains(name)) out.targets.push_back(name);
  }
  sort_by_depth(out, out.users);
  sort_by_depth(out, out.targets);
  return out;
}

bool reaches(const View& view, const std::string& from, const std::string& to) {
  const auto found = view.uses.find(from);
  if (found == view.uses.end()) return false;
  const auto use = found->second.find(to);
  return use != found->second.end() && use->second->at("open").get<bool>();
}

std::string centred(std::string_view sign, std::size_t width) {
  const auto left = (width - std::min(width, columns(sign))) / 2;
  const auto text = std::string(left, ' ') + std::string(sign);
  return text + std::string(width - std::min(width, columns(text)), ' ');
}

// One row for each tier that asks, one column for each that could be reached.
void write_table(Canvas& canvas, const View& view, std::size_t lead) {
  const auto& glyphs = canvas.glyphs();
  Spans head{{std::string(lead, ' ')}};
  for (const auto& to : view.targets)
    head.push_back({"   " + fit(to, std::min(columns(to), widest_name), glyphs), Style::dim});
  canvas.line(4, head);
  for (const auto& from : view.users) {
    Spans row{{fit(from, lead, glyphs)}};
    for (const auto& to : view.targets) {
      const bool open = reaches(view, from, to);
      row.push_back({"   " + centred(open ? glyphs.reaches : glyphs.closed, std::min(columns(to), widest_name)),
                     open ? Style::good : Style::dim});
    }
    canvas.line(4, row);
  }
  canvas.blank();
}

bool has_room(const Canvas& canvas, const View& view, std::size_t lead) {
  if (view.users.size() * view.targets.size() < fewest_cells || view.users.size() > most_rows) return false;
  auto width = 4 + lead;
  for (const auto& to : view.targets) width += 3 + std::min(columns(to), widest_name);
  return width <= canvas.width();
}

// "all 3 pods", "1 of 3 pods", "its pod".
std::string who_asks(const Json& use) {
  const auto pods = count_of(use, "pods"), of = count_of(use, "of");
  if (pods < of) return std::to_string(pods) + " of " + counted(of, "pod");
  return of == 1 ? "its pod" : "all " + counted(of, "pod");
}

Spans arrow_lead(const Canvas& canvas, const std::string& from, std::size_t lead) {
  return {{fit(from, lead, canvas.glyphs())}, {" " + std::string(canvas.glyphs().arrow) + " ", Style::dim}};
}

// Who is reached by one tier, and which of its pods asked for it.
void write_reached(Canvas& canvas, const View& view, const std::string& from, std::size_t lead,
                   const std::string& label) {
  std::map<std::string, std::vector<std::string>> by_reason;
  std::vector<std::pair<std::string, std::string>> missing;
  if (const auto found = view.uses.find(from); found != view.uses.end())
    for (const auto& [to, use] : found->second) {
      if (use->at("open").get<bool>())
        by_reason[who_asks(*use)].push_back(to);
      else
        missing.emplace_back(to, text_of(*use, "why_not"));
    }
  std::vector<Spans> items;
  for (auto& [reason, targets] : by_reason) {
    sort_by_depth(view, targets);
    for (const auto& to : targets) items.push_back({{to}});
    items.back().push_back({"  " + label + ": " + reason, Style::dim});
  }
  if (items.empty())
    items.push_back({{"no other tier", Style::plain},
                     {missing.empty() ? "  none of its pods has " + label : std::string(), Style::dim}});
  canvas.flow(4, arrow_lead(canvas, from, lead), items, ", ");
  for (const auto& [to, why] : missing)
    canvas.flow(4, arrow_lead(canvas, "", lead), {{{to + " "}, {"not yet: " + why, Style::warn}}}, " ");
}

void write_everybody(Canvas& canvas, const View& view, std::size_t lead) {
  for (const auto* element : view.everybody) {
    const auto to = text_of(*element, "to");
    const auto rule = text_of(*element, "rule");
    const auto whom =
        element->at("namespace").is_null() ? "every pod of the cluster may" : "every pod of " + view.ns + " may";
    canvas.flow(4, arrow_lead(canvas, "every tier", lead), {{{to}, {"  " + rule + ": " + whom, Style::dim}}}, " ");
  }
}

// Service tiers that no pod of the cluster may reach; an external address is reached all the same.
void write_closed(Canvas& canvas, const View& view) {
  std::vector<Spans> items;
  for (const auto& to : view.targets)
    if (!view.used.contains(to)) items.push_back({{to}});
  if (items.empty()) return;
  canvas.flow(4, {{"Reached by no tier: "}}, items, ", ");
}

}  // namespace

void write_access(Canvas& canvas, const Json& state, const Json& ns) {
  const auto view = view_of(state, ns);
  if (view.users.empty()) return;
  canvas.blank();
  canvas.line(2, {{"Who may reach whom, and why", Style::title}});
  std::size_t lead = view.everybody.empty() ? 0 : columns(std::string_view("every tier"));
  for (const auto& from : view.users) lead = std::max(lead, std::min(columns(from), widest_name));
  if (has_room(canvas, view, lead)) write_table(canvas, view, lead);
  const auto& keys = state.at("labels").at("uses");
  const auto label = keys.empty() ? std::string("uses") : keys.front().get<std::string>();
  for (const auto& from : view.users) write_reached(canvas, view, from, lead, label);
  write_everybody(canvas, view, lead);
  write_closed(canvas, view);
  canvas.line(4, {{"All else is closed. Pods of one tier reach each other.", Style::dim}});
}

}  // namespace knm
