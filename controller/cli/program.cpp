#include "controller/cli/program.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "controller/base/version.hpp"
#include "controller/cli/config_command.hpp"
#include "controller/config/listen.hpp"
#include "controller/log/names.hpp"

namespace knm {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong; 3 another cluster of the same "
    "name uses the config API.\n";

// What the command line says, filled by CLI11.
struct Line {
  RunOptions run;
  ReportOptions report;
  std::string validated;
};

void add_listen(CLI::App& command, const char* name, std::optional<ListenAddress>& field, const char* help) {
  command
      .add_option_function<std::string>(
          name,
          [name, &field](const std::string& text) {
            auto address = parse_listen_address(text);
            if (!address) throw CLI::ValidationError(name, address.error().message);
            field = *address;
          },
          help)
      ->type_name("ADDRESS:PORT");
}

void add_overrides(CLI::App& command, RunOptions& options) {
  add_listen(command, "--listen-http", options.listen_http,
             "Serve probes and metrics there instead of the configuration's listen-http");
  add_listen(command, "--listen-state", options.listen_state,
             "Serve /state there instead of the configuration's listen-state");
  command
      .add_option_function<std::string>(
          "--log-level",
          [&options](const std::string& text) {
            options.log_level = log::level_named(text);
            if (options.log_level) return;
            throw CLI::ValidationError("--log-level",
                                       "`" + text + "` is not a level; write " + std::string(log::level_names));
          },
          "trace, debug, info, warning, error or off")
      ->type_name("LEVEL");
  command
      .add_option_function<std::string>(
          "--log-format",
          [&options](const std::string& text) {
            options.log_format = log::format_named(text);
            if (options.log_format) return;
            throw CLI::ValidationError("--log-format", "`" + text + "` is not a format; write text or json");
          },
          "text, or json: one object a line")
      ->type_name("FORMAT");
}

void add_run(CLI::App& app, RunOptions& options) {
  auto* run = app.add_subcommand("run", "Watch a cluster and keep its networks as its labels say");
  run->add_option("--config", options.config, "The configuration, YAML; `config reference` describes it")
      ->required()
      ->type_name("FILE");
  run->add_option("--kubeconfig", options.kubeconfig, "How to reach the cluster; inside of a pod not needed")
      ->type_name("FILE");
  run->add_option("--context", options.context, "The kubeconfig's context to use instead of its current one")
      ->type_name("NAME");
  add_overrides(*run, options);
  run->add_flag("--read-only", options.read_only,
                "Watch and compare, write nothing anywhere; /state shows what would be done");
  run->add_flag("--allow-mass-delete", options.allow_mass_delete,
                "Delete what the guard against mass deletion would hold; a decision about this one start");
  run->add_flag("--take-over", options.take_over,
                "Make ours what another cluster of the same name has left, of which this one is the successor");
  run->footer(
      "Examples:\n"
      "  kube-network-manager run --config /etc/kube-network-manager/config.yaml\n"
      "  kube-network-manager run --config knm.yaml --kubeconfig ~/.kube/config --context test --log-level debug\n\n"
      "It runs until SIGTERM or SIGINT. SIGUSR1 turns debug lines of the log on and off; SIGHUP and SIGUSR2 do "
      "nothing.\n"
      "The command line wins over the configuration.\n" +
      std::string(exit_codes));
}

void add_report(CLI::App& app, ReportOptions& options) {
  auto* report = app.add_subcommand("report", "Show what a running controller made of the cluster");
  report->add_option("--server", options.server, "Where it serves its state: its listen-state")
      ->type_name("URL")
      ->capture_default_str();
  report->add_flag("--full", options.full, "All of a big cluster, where otherwise long lists are cut");
  report
      ->add_option_function<std::string>(
          "-o,--output",
          [&options](const std::string& text) {
            if (text != "text" && text != "json") {
              throw CLI::ValidationError("--output", "`" + text + "` is not a form of output; write text or json");
            }
            options.json = text == "json";
          },
          "text for people, json for programs")
      ->type_name("FORM")
      ->default_str("text");
  report->add_flag(
      "--no-color", [&options](std::int64_t) { options.colours = false; },
      "No colours, as with NO_COLOR in the environment");
  report->footer(
      "Examples:\n"
      "  kube-network-manager report --server http://127.0.0.1:9403\n"
      "  kube-network-manager report -o json | jq .counts\n\n" +
      std::string(exit_codes));
}

void add_config(CLI::App& app, std::string& validated) {
  auto* config = app.add_subcommand("config", "Check a configuration, or show what can be configured");
  config->require_subcommand(1);
  auto* validate = config->add_subcommand("validate", "Say everything that is wrong with a configuration");
  validate->add_option("file", validated, "The configuration")->required()->type_name("FILE");
  validate->footer(
      "Example:\n"
      "  kube-network-manager config validate knm.yaml\n\n"
      "Each line names file, line, column, key, what is wrong and what would be right.\n" +
      std::string(exit_codes));
  config->add_subcommand("reference", "Print all keys, with meaning, default and example, as Markdown");
}

// CLI11 calls a misspelt command a missing one: says which word is none, or nothing where the words are fine.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* level = &app;
  for (const auto& word : words) {
    const auto known = level->get_subcommands([](const CLI::App*) { return true; });
    if (known.empty() || word.empty() || word.front() == '-') return "";
    const auto next =
        std::find_if(known.begin(), known.end(), [&](const CLI::App* command) { return command->get_name() == word; });
    if (next == known.end()) {
      std::string names;
      for (const auto* command : known) names += (names.empty() ? "" : ", ") + command->get_name();
      return "there is no command `" + word + "`; there are " + names;
    }
    level = *next;
  }
  return "";
}

// A wrong command line is told in its own words, with the help to ask for; help and version go to `out`.
int complain(const CLI::App& app, const std::vector<std::string>& arguments, const CLI::ParseError& error,
             std::ostream& out, std::ostream& err) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error, out, err);
    return exit_ok;
  }
  std::string command = "kube-network-manager";
  for (const auto* used = &app; used;) {
    const auto subcommands = used->get_subcommands();
    used = subcommands.empty() ? nullptr : subcommands.front();
    if (used) command += " " + used->get_name();
  }
  const auto unknown = unknown_command(app, arguments);
  err << command << ": " << (unknown.empty() ? error.what() : unknown) << "\n`" << command
      << " --help` shows what can be written.\n";
  return exit_usage;
}

int dispatch(const CLI::App& app, const Line& line, const Commands& commands, std::ostream& out, std::ostream& err) {
  if (app.got_subcommand("run")) return commands.run(line.run);
  if (app.got_subcommand("report")) return commands.report(line.report);
  if (app.got_subcommand("version")) {
    out << version_line() << '\n';
    return exit_ok;
  }
  const auto* config = app.get_subcommand("config");
  if (config->got_subcommand("validate")) return config_validate(line.validated, out, err);
  return print_config_reference(out);
}

}  // namespace

int program(const std::vector<std::string>& arguments, const Commands& commands, std::ostream& out, std::ostream& err) {
  Line line;
  CLI::App app("Networks of a Kubernetes cluster on OpenContrail, from the labels of its pods and Services.",
               "kube-network-manager");
  app.set_version_flag("--version", version_line());
  app.require_subcommand(1);
  add_run(app, line.run);
  add_report(app, line.report);
  add_config(app, line.validated);
  app.add_subcommand("version", "Print the version and what it was built with");
  app.footer(
      "Examples:\n"
      "  kube-network-manager config validate knm.yaml\n"
      "  kube-network-manager run --config knm.yaml\n"
      "  kube-network-manager report\n\n"
      "`kube-network-manager COMMAND --help` says more about each.\n" +
      std::string(exit_codes));
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ParseError& error) {
    return complain(app, arguments, error, out, err);
  }
  return dispatch(app, line, commands, out, err);
}

}  // namespace knm
