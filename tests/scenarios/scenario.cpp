#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "controller/config/parse.hpp"

namespace knm::test {
namespace {

bool starts_expectation(const std::string& text) {
  return text.starts_with("+ ") || text.starts_with("- ") || text.starts_with("cut for a while:") ||
         text.starts_with("writes:");
}

std::string without_indent(const std::string& line) {
  const auto first = line.find_first_not_of(' ');
  return first == std::string::npos ? "" : line.substr(first);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any) out.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) out.push_back(std::move(word));
  return out;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path) {
    scenario_.path = path;
    scenario_.name = std::filesystem::path(path).stem().string();
    if (!file_) throw std::runtime_error(path + ": cannot be read");
  }

  Scenario read() {
    for (std::string line; std::getline(file_, line);) {
      ++line_;
      if (line.starts_with("step "))
        begin_step(line.substr(5));
      else if (scenario_.steps.empty())
        read_head(line);
      else
        read_step(line);
    }
    const auto settings = parse_settings(config_, scenario_.path);
    if (!settings) throw std::runtime_error(settings.error().message);
    scenario_.settings = settings.value();
    if (scenario_.rule.empty() || scenario_.sentence.empty() || scenario_.steps.empty())
      fail("a scenario has a rule, a sentence and a step");
    return std::move(scenario_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(scenario_.path + ":" + std::to_string(line_) + ": " + what);
  }

  void begin_step(std::string title) {
    ScenarioStep step;
    constexpr std::string_view in_order = "in order ";
    step.in_order = title.starts_with(in_order);
    step.title = step.in_order ? title.substr(in_order.size()) : title;
    scenario_.steps.push_back(std::move(step));
  }

  void read_head(const std::string& line) {
    scenario_.head.push_back(line);
    if (line.empty() || line.starts_with("#")) return;
    if (line.starts_with("rule "))
      scenario_.rule = line.substr(5);
    else if (line.starts_with("config "))
      config_ += line.substr(7) + "\n";
    else if (line.starts_with("history matters: "))
      scenario_.history_matters = true;
    else if (line.starts_with("crashes matter: "))
      scenario_.crashes_matter = true;
    else if (line == "in full")
      scenario_.in_full = true;
    else
      scenario_.sentence += (scenario_.sentence.empty() ? "" : " ") + line;
  }

  void read_step(const std::string& line) {
    const auto text = without_indent(line);
    auto& step = scenario_.steps.back();
    if (text.empty()) return;
    if (starts_expectation(text)) {
      step.expected.push_back(text);
      return;
    }
    if (!step.expected.empty()) fail("a command must come before the expectations");
    step.commands.push_back({text, words_of(text), line_});
  }

  std::ifstream file_;
  Scenario scenario_;
  std::string config_;
  int line_ = 0;
};

}  // namespace

Scenario load_scenario(const std::string& path) { return Reader(path).read(); }

void save_scenario(const Scenario& scenario) {
  std::ofstream file(scenario.path);
  for (const auto& line : scenario.head) file << line << '\n';
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const auto& step = scenario.steps[i];
    file << (i == 0 ? "" : "\n") << "step " << (step.in_order ? "in order " : "") << step.title << '\n';
    for (const auto& command : step.commands) file << "  " << command.text << '\n';
    for (const auto& line : step.expected) file << "  " << line << '\n';
  }
}

std::vector<Scenario> load_scenarios() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(KNM_SCENARIO_FOLDER))
    if (entry.path().extension() == ".scenario") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<Scenario> out;
  for (const auto& path : paths) out.push_back(load_scenario(path));
  return out;
}

}  // namespace knm::test
