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
    "Exit codes: 0 success; 1 failure; 2 invalid command line or configuration; 3 another cluster with the same "
    "cluster-name uses the config API; 4 the leadership was lost.\n";

// The parsed command line, filled by CLI11.
struct Line {
  RunOptions run;
  ReportOptions report;
  RunOptions validated;
  bool connects = false;
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
             "Address of the probes and metrics; takes precedence over listen-http in the configuration");
  add_listen(command, "--listen-state", options.listen_state,
             "Address of /state; takes precedence over listen-state in the configuration");
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
          "text, or json: one object for each line")
      ->type_name("FORMAT");
}

void add_run(CLI::App& app, RunOptions& options) {
  auto* run =
      app.add_subcommand("run", "Watch a cluster and configure its networks from the labels of its Pods and Services");
  run->add_option("--config", options.config, "The configuration file, YAML; `config reference` describes the keys")
      ->required()
      ->type_name("FILE");
  run->add_option("--kubeconfig", options.kubeconfig, "The kubeconfig of the cluster; not needed inside of a pod")
      ->type_name("FILE");
  run->add_option("--context", options.context, "The context of the kubeconfig; the default is its current context")
      ->type_name("NAME");
  add_overrides(*run, options);
  run->add_flag("--read-only", options.read_only,
                "Watch and compare only, without any write; /state shows the pending changes");
  run->add_flag("--allow-mass-delete", options.allow_mass_delete,
                "Allow the deletions that the mass-deletion guard would hold; meant for a single start");
  run->add_flag("--take-over", options.take_over,
                "Take ownership of the objects that the previous cluster with the same cluster-name left");
  run->add_flag("--core-files", options.core_files,
                "Permit core files, and debuggers of the same user, for a search for faults; both show secrets");
  run->footer(
      "Examples:\n  kube-network-manager run --config /etc/kube-network-manager/config.yaml\n  kube-network-manager "
      "run --config knm.yaml --kubeconfig ~/.kube/config --context test --log-level debug\n\nThe program runs until "
      "SIGTERM or SIGINT. SIGUSR1 turns debug lines of the log on and off; SIGHUP and SIGUSR2 have no effect.\nThe "
      "command line takes precedence over the configuration.\n" +
      std::string(exit_codes));
}

void add_report(CLI::App& app, ReportOptions& options) {
  auto* report = app.add_subcommand("report", "Show the state of a running controller");
  report->add_option("--server", options.server, "The listen-state address of the controller")
      ->type_name("URL")
      ->capture_default_str();
  report->add_flag("--full", options.full, "Show long lists completely");
  report
      ->add_option_function<std::string>(
          "-o,--output",
          [&options](const std::string& text) {
            if (text != "text" && text != "json") {
              throw CLI::ValidationError("--output", "`" + text + "` is not an output format; write text or json");
            }
            options.json = text == "json";
          },
          "text for people, json for programs")
      ->type_name("FORM")
      ->default_str("text");
  report->add_flag(
      "--no-color", [&options](std::int64_t) { options.colours = false; },
      "Print without colours, as with NO_COLOR in the environment");
  report->footer(
      "Examples:\n"
      "  kube-network-manager report --server http://127.0.0.1:9403\n"
      "  kube-network-manager report -o json | jq .counts\n\n" +
      std::string(exit_codes));
}

void add_config(CLI::App& app, Line& line) {
  auto* config = app.add_subcommand("config", "Check a configuration, or print the reference of its keys");
  config->require_subcommand(1);
  auto* validate = config->add_subcommand("validate", "Report all errors of a configuration");
  validate->add_option("file", line.validated.config, "The configuration file")->required()->type_name("FILE");
  auto* connect = validate->add_flag(
      "--connect", line.connects,
      "Try what `run` would reach, without any write: the API server and the permissions there, Keystone, and each "
      "server of the config API with TLS, login and the right to read");
  validate
      ->add_option("--kubeconfig", line.validated.kubeconfig,
                   "The kubeconfig of the cluster; not needed inside of a pod")
      ->needs(connect)
      ->type_name("FILE");
  validate
      ->add_option("--context", line.validated.context,
                   "The context of the kubeconfig; the default is its current context")
      ->needs(connect)
      ->type_name("NAME");
  validate->footer(
      "Examples:\n  kube-network-manager config validate knm.yaml\n  kube-network-manager config validate --connect "
      "knm.yaml\n\nEach line has file, line, column, key, error and remedy. With --connect, each line after them has "
      "`ok` or `FAIL`, what was tried, and the remedy.\n" +
      std::string(exit_codes));
  config->add_subcommand("reference", "Print all keys with meaning, default and example, as Markdown");
}

// CLI11 reports a misspelt command as a missing one: returns the unknown word, or an empty text if there is none.
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
      return "unknown command `" + word + "`; the commands are " + names;
    }
    level = *next;
  }
  return "";
}

// Reports a wrong command line in the words of CLI11, with the help to call; help and version are written to `out`.
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
      << " --help` shows the options and commands.\n";
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
  if (config->got_subcommand("validate")) {
    const int code = config_validate(line.validated.config, out, err);
    return code == exit_ok && line.connects ? commands.connect(line.validated) : code;
  }
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
  add_config(app, line);
  app.add_subcommand("version", "Print the version, the compiler and the version of Boost");
  app.footer(
      "Examples:\n  kube-network-manager config validate knm.yaml\n  kube-network-manager run --config knm.yaml\n  "
      "kube-network-manager report\n\n`kube-network-manager COMMAND --help` describes each command.\n" +
      std::string(exit_codes));
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them in reverse order
  } catch (const CLI::ParseError& error) {
    return complain(app, arguments, error, out, err);
  }
  return dispatch(app, line, commands, out, err);
}

}  // namespace knm
