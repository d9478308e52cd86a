#include <algorithm>
#include <map>
#include <set>

#include "controller/status/order.hpp"
#include "controller/status/printable.hpp"
#include "controller/status/sections.hpp"

namespace knm {
namespace {

constexpr std::size_t widest_name = 24;
constexpr std::string_view every_tier = "every tier", no_tier = "no tier";
constexpr std::size_t targets_shown = 40, missing_shown = 6;  // of the tiers that one tier uses
constexpr std::size_t fewest_cells = 4, most_rows = 12;       // of a table: a smaller one shows no more than lines

// The part of the state on a Namespace's pod tiers and service tiers, by name of the tier.
struct View {
  std::string ns;
  std::string label;                 // the label key for uses
  std::vector<std::string> users;    // pod tiers, in the order of calls
  std::vector<std::string> targets;  // existing service tiers, in the same order, without those for all Pods
  std::map<std::string, std::map<std::string, const Json*>> uses;  // by pod tier, by service tier: an element of `uses`
  std::map<std::string, std::size_t> unlisted;                     // by pod tier: number of further ones
  std::vector<const Json*> everybody;                              // that all its Pods reach by configuration
  std::set<std::string> used;                                      // service tiers that are reached by `uses`
};

View view_of(const Json& state, const Json& ns, const CallOrder& order) {
  View out;
  out.ns = text_of(ns, "name");
  const auto& keys = state.at("labels").at("uses");
  out.label = keys.empty() ? "uses" : printable(keys.front().get<std::string>());
  for (const auto& element : state.at("all_pods")) {
    const bool here = element.at("namespace").is_null() || text_of(element, "namespace") == out.ns;
    const bool known = std::any_of(out.everybody.begin(), out.everybody.end(),
                                   [&](const auto* other) { return other->at("to") == element.at("to"); });
    if (here && !known && element.at("open").get<bool>()) out.everybody.push_back(&element);
  }
  for (const auto& tier : ns.at("pod_tiers")) {
    const auto name = text_of(tier, "tier");
    out.users.push_back(name);
    const auto& uses = tier.at("uses");
    if (const auto count = tier.value("use_count", uses.size()); count > uses.size())
      out.unlisted[name] = count - uses.size();
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
  order.sort(out.users);
  order.sort(out.targets);
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

// One row for each using tier, one column for each service tier.
void write_table(Canvas& canvas, const View& view, std::size_t lead) {
  const auto& glyphs = canvas.glyphs();
  const auto width = [](const std::string& tier) { return std::min(columns(tier), widest_name); };
  Spans head{{std::string(lead, ' ')}};
  for (const auto& to : view.targets) head.push_back({"   " + fit(to, width(to), glyphs), Style::dim});
  canvas.line(4, head);
  for (const auto& from : view.users) {
    Spans row{{fit(from, lead, glyphs)}};
    for (const auto& to : view.targets) {
      const bool open = reaches(view, from, to);
      const auto sign = open ? glyphs.reaches : from == to ? std::string_view(" ") : glyphs.closed;
      row.push_back({"   " + centred(sign, width(to)), open ? Style::good : Style::dim});
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

// --- Lines

// "from → targets   reason"
struct Line {
  std::string from;
  std::vector<std::string> targets;
  std::string reason;
  Style style = Style::dim;
};

// "all 3 pods", "1 of 3 pods", "its pod".
std::string who_asks(const Json& use) {
  const auto pods = count_of(use, "pods"), of = count_of(use, "of");
  if (pods < of) return std::to_string(pods) + " of " + counted(of, "pod");
  return of == 1 ? "its pod" : "all " + counted(of, "pod");
}

// Keeps the first ones, and adds the number of the others.
void shorten(const Canvas& canvas, std::vector<std::string>& targets) {
  const auto shown = canvas.shown(targets.size(), targets_shown);
  const auto more = targets.size() - shown;
  targets.resize(shown);
  if (more > 0) targets.push_back("and " + std::to_string(more) + " more");
}

// The tiers that one tier reaches, with the Pods that use them; then those that it uses without access.
void add_reached(const Canvas& canvas, std::vector<Line>& out, const View& view, const CallOrder& order,
                 const std::string& from, const std::string& label) {
  std::map<std::string, std::vector<std::string>> by_reason;
  std::vector<Line> missing;
  if (const auto found = view.uses.find(from); found != view.uses.end())
    for (const auto& [to, use] : found->second) {
      if (use->at("open").get<bool>())
        by_reason[label + ": " + who_asks(*use)].push_back(to);
      else
        missing.push_back({from,
                           {to},
                           (use->contains("never") ? "no: " : "not yet: ") + text_of(*use, "why_not") + " (" + label +
                               ": " + who_asks(*use) + ")",
                           Style::warn});
    }
  for (auto& [reason, targets] : by_reason) {
    order.sort(targets);
    shorten(canvas, targets);
    out.push_back({from, std::move(targets), reason});
  }
  const auto shown = canvas.shown(missing.size(), missing_shown);
  auto more = missing.size() - shown;
  missing.resize(shown);
  if (const auto unlisted = view.unlisted.find(from); unlisted != view.unlisted.end()) more += unlisted->second;
  if (more > 0)
    missing.push_back({from, {std::to_string(more) + " more"}, "not yet, or not shown (" + label + ")", Style::warn});
  if (by_reason.empty() && missing.empty()) out.push_back({from, {"no other tier"}, label + ": nothing"});
  out.insert(out.end(), missing.begin(), missing.end());
}

void add_everybodys(std::vector<Line>& out, const View& view) {
  for (const auto* element : view.everybody) {
    const bool whole_cluster = element->at("namespace").is_null();
    out.push_back({std::string(every_tier),
                   {text_of(*element, "to")},
                   text_of(*element, "rule") + (whole_cluster ? ": every pod" : ": every pod of " + view.ns)});
  }
}

// Service tiers that no Pod may reach; they may still be reachable from outside.
void add_unreached(const Canvas& canvas, std::vector<Line>& out, const View& view) {
  Line line{std::string(no_tier), {}, "no pod lists it in its " + view.label};
  for (const auto& to : view.targets)
    if (!view.used.contains(to)) line.targets.push_back(to);
  if (line.targets.size() > 1) line.reason = "no pod lists them in its " + view.label;
  shorten(canvas, line.targets);
  if (!line.targets.empty()) out.push_back(std::move(line));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

void write_line(Canvas& canvas, const Line& line, bool same_from, std::size_t lead, std::size_t targets_width) {
  const auto& glyphs = canvas.glyphs();
  Spans start{{fit(same_from ? "" : line.from, lead, glyphs)}, {" " + std::string(glyphs.arrow) + " ", Style::dim}};
  const auto targets = joined(line.targets);
  if (columns(targets) <= targets_width) {
    start.push_back({fit(targets, targets_width, glyphs)});
    start.push_back({"   "});
    return canvas.prose(4, start, {line.reason, line.style});
  }
  std::vector<Spans> items;
  items.reserve(line.targets.size());
  for (const auto& target : line.targets) items.push_back({{target}});
  canvas.flow(4, start, items, ", ");
  canvas.prose(4, {{std::string(columns(start), ' ')}}, {line.reason, line.style});
}

void write_lines(Canvas& canvas, const std::vector<Line>& lines, std::size_t lead) {
  const auto limit = canvas.width() * 2 / 5;
  std::size_t width = 0;
  for (const auto& line : lines)
    if (const auto needed = columns(joined(line.targets)); needed <= limit) width = std::max(width, needed);
  for (std::size_t i = 0; i < lines.size(); ++i)
    write_line(canvas, lines[i], i > 0 && lines[i - 1].from == lines[i].from, lead, width);
}

}  // namespace

void write_access(Canvas& canvas, const Json& state, const Json& ns, const CallOrder& order) {
  const auto view = view_of(state, ns, order);
  if (view.users.empty()) return;
  std::vector<Line> lines;
  for (const auto& from : view.users) add_reached(canvas, lines, view, order, from, view.label);
  add_everybodys(lines, view);
  add_unreached(canvas, lines, view);

  std::size_t lead = 0;
  for (const auto& line : lines) lead = std::max(lead, std::min(columns(line.from), canvas.width() / 4));
  Spans title{{"Access between tiers", Style::title}};
  if (!state.at("converged").get<bool>())
    title.push_back({"  (as the labels request; missing objects: see below)", Style::dim});
  canvas.blank();
  canvas.line(2, title);
  if (has_room(canvas, view, lead)) write_table(canvas, view, lead);
  write_lines(canvas, lines, lead);
  canvas.line(4, {{"Pods of one tier reach each other. All other access is closed.", Style::dim}});
}

}  // namespace knm
