#include "tests/unit/contrail-client/notifications.hpp"

#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace contrail::test {
namespace {

std::vector<std::string> read_lines() {
  std::ifstream file(NOTIFICATIONS_FILE);
  std::vector<std::string> lines;
  for (std::string text; std::getline(file, text);) {
    const auto recording = nlohmann::json::parse(text);
    if (!recording.contains("line")) continue;
    lines.push_back(recording["line"].get<std::string>());
    // The recording leaves out the empty lines.
    if (lines.back().starts_with("data: ")) lines.emplace_back();
  }
  if (lines.empty()) throw std::runtime_error("there is no recording in " NOTIFICATIONS_FILE);
  return lines;
}

struct Words {
  std::string operator()(const watch::Opened& event) const { return "opened " + event.server; }
  std::string operator()(const watch::ListBegun& event) const { return "list of " + std::string(plural(event.type)); }
  std::string operator()(const watch::Listed& event) const { return "has " + name_of(event.object); }
  std::string operator()(const watch::ListEnded& event) const { return "all " + std::to_string(event.objects); }
  std::string operator()(const watch::Complete&) const { return "complete"; }
  std::string operator()(const watch::Changed& event) const { return "changed " + name_of(event.object); }
  std::string operator()(const watch::Deleted& event) const {
    return "deleted " + std::string(name(event.type)) + " " + event.uuid.text();
  }
  std::string operator()(const watch::Unread& event) const { return "unread " + event.object.why; }
  std::string operator()(const watch::Lost& event) const { return "lost: " + event.why; }

  static std::string name_of(const Object& object) {
    return std::string(name(object.type)) + " " + object.fq_name + " " + object.uuid.text();
  }
};

}  // namespace

std::vector<watch::Subscription> recorded_subscriptions() {
  std::vector<watch::Subscription> subscriptions;
  for (const auto type : {Type::project, Type::virtual_network, Type::network_policy, Type::virtual_machine,
                          Type::virtual_machine_interface, Type::instance_ip, Type::floating_ip_pool, Type::floating_ip,
                          Type::network_ipam})
    subscriptions.push_back({type, fields_of(type), {}});
  return subscriptions;
}

const std::vector<std::string>& recorded_lines() {
  static const auto lines = read_lines();
  return lines;
}

std::string recorded_stream(const std::string& line_end) {
  std::string stream;
  for (const auto& line : recorded_lines()) stream += line + line_end;
  return stream;
}

std::string text_of(const watch::Event& event) { return std::visit(Words{}, event); }

}  // namespace contrail::test
