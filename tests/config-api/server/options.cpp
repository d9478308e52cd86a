#include "tests/config-api/server/options.hpp"

#include <CLI/CLI.hpp>

#include "tests/config-api/server/faults.hpp"

namespace standin {
namespace {

using nlohmann::json;

/// A flag that becomes a fault setting of the same name, if it was given.
void add_number(CLI::App& app, json& faults, const std::string& name, const std::string& help) {
  app.add_option_function<double>(
         "--" + name, [&faults, name](double value) { faults[name] = value; }, help)
      ->group("Faults");
}

void add_count(CLI::App& app, json& faults, const std::string& flag, const std::string& name, const std::string& help) {
  app.add_option_function<std::int64_t>(
         flag, [&faults, name](std::int64_t value) { faults[name] = value; }, help)
      ->group("Faults");
}

void add_faults(CLI::App& app, json& faults, std::string& raw) {
  add_number(app, faults, "latency-ms", "Each request takes this long, however many there are at once");
  app.add_flag_function(
         "--serial", [&faults](std::int64_t) { faults["serial"] = true; },
         "One request at a time, as a server of one core: latencies add up")
      ->group("Faults");
  add_number(app, faults, "slowdown-factor", "The latency grows by this factor ...");
  add_count(app, faults, "--slowdown-every", "slowdown-every", "... each time after so many requests ...");
  add_number(app, faults, "slowdown-max", "... up to so many times the latency (default 32)");
  add_number(app, faults, "error-before", "Probability of a 500 without executing the request");
  add_number(app, faults, "error-after", "Probability of a 500 though the request is executed");
  add_number(app, faults, "reset-before", "Probability of a connection reset without executing the request");
  add_number(app, faults, "reset-after", "Probability of a connection reset though the request is executed");
  add_number(app, faults, "half-answer", "Probability of an answer that ends in its middle");
  add_number(app, faults, "stall-before", "Probability of no answer, the request is not executed");
  add_number(app, faults, "stall-after", "Probability of no answer though the request is executed");
  add_number(app, faults, "stall-ms",
             "A stalled connection is closed after this time (default: when the client closes it)");
  add_number(app, faults, "refuse", "Probability of a 503 without executing the request");
  add_count(app, faults, "--freeze-after-writes", "freeze-after-writes",
            "After so many executed writes answer nothing any more");
  add_count(app, faults, "--fault-seed", "seed", "Seed of the probabilities");
  app.add_option("--faults", raw, "Any fault settings as JSON, as PUT /_control/faults takes them")->group("Faults");
}

/// What --faults says is put over the other flags.
std::optional<std::string> merge_raw(const std::string& raw, json& faults) {
  if (raw.empty()) return std::nullopt;
  const json parsed = json::parse(raw, nullptr, false);
  if (!parsed.is_object()) return "it is no JSON object: " + raw;
  faults.update(parsed);
  return std::nullopt;
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  CLI::App app("A stand-in for the OpenContrail config API: objects in memory, and faults on demand.",
               "contrail-config-api");
  Options options;
  std::string raw_faults;
  app.set_version_flag("--version", "contrail-config-api " KNM_VERSION);
  app.add_option("--listen", options.listen, "Where to serve the API; port 0: a free one")->capture_default_str();
  app.add_option("--control", options.control,
                 "A second address, for /_control alone: it answers while the API is down");
  app.add_option("--state", options.state, "Load the objects from this file and keep them in it");
  app.add_option("--request-log", options.request_log, "Append a JSON line for each request to this file");
  app.add_option("--seed", options.seed, "Seed of the uuids that the server chooses")->capture_default_str();
  app.add_option("--down", options.down_seconds, "Refuse connections for so many seconds first")->group("Faults");
  add_faults(app, options.faults, raw_faults);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    return {std::nullopt, app.exit(end)};
  }
  auto error = merge_raw(raw_faults, options.faults);
  if (!error) error = Faults().change(options.faults);
  if (error) {
    std::cerr << "contrail-config-api: fault settings: " << *error << "; see --help\n";
    return {std::nullopt, 2};
  }
  return {std::move(options), 0};
}

}  // namespace standin
