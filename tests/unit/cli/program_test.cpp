#include "controller/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "controller/config/reference.hpp"
#include "tests/unit/cli/temporary_file.hpp"

namespace knm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ProgramTest : public testing::Test {
 protected:
  int call(const std::vector<std::string>& arguments) {
    const Commands commands{.run =
                                [this](const RunOptions& options) {
                                  run_ = options;
                                  return 1;
                                },
                            .report =
                                [this](const ReportOptions& options) {
                                  report_ = options;
                                  return 0;
                                },
                            .connect =
                                [this](const RunOptions& options) {
                                  connected_ = options;
                                  return 1;
                                }};
    return program(arguments, commands, out_, err_);
  }

  std::optional<RunOptions> run_;
  std::optional<ReportOptions> report_;
  std::optional<RunOptions> connected_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ProgramTest, RunAcceptsItsOptions) {
  EXPECT_EQ(call({"run", "--config", "c.yaml", "--kubeconfig", "k", "--context", "test", "--listen-http", "127.0.0.1:0",
                  "--listen-state", "[::1]:9", "--log-level", "debug", "--log-format=json"}),
            1)
      << "the exit code is that of the command";
  ASSERT_TRUE(run_.has_value());
  EXPECT_EQ(run_->config, "c.yaml");
  EXPECT_EQ(run_->kubeconfig, "k");
  EXPECT_EQ(run_->context, "test");
  EXPECT_EQ(run_->listen_http, (ListenAddress{"127.0.0.1", 0}));
  EXPECT_EQ(run_->listen_state, (ListenAddress{"::1", 9}));
  EXPECT_EQ(run_->log_level, log::Level::debug);
  EXPECT_EQ(run_->log_format, log::Format::json);
}

TEST_F(ProgramTest, OptionsOfRunAreEmptyByDefault) {
  EXPECT_EQ(call({"run", "--config", "c.yaml"}), 1);
  ASSERT_TRUE(run_.has_value());
  EXPECT_EQ(run_->kubeconfig, "");
  EXPECT_EQ(run_->listen_http, std::nullopt);
  EXPECT_EQ(run_->log_level, std::nullopt);
}

TEST_F(ProgramTest, RunAcceptsOptionsForOneStart) {
  EXPECT_EQ(call({"run", "--config", "c.yaml"}), 1);
  EXPECT_FALSE(run_->read_only || run_->allow_mass_delete || run_->take_over);
  EXPECT_EQ(call({"run", "--config", "c.yaml", "--read-only"}), 1);
  EXPECT_TRUE(run_->read_only);
  EXPECT_FALSE(run_->allow_mass_delete || run_->take_over);
  run_.reset();
  EXPECT_EQ(call({"run", "--config", "c.yaml", "--allow-mass-delete", "--take-over"}), 1);
  EXPECT_TRUE(run_->allow_mass_delete && run_->take_over);
  EXPECT_FALSE(run_->core_files);
  EXPECT_EQ(call({"run", "--config", "c.yaml", "--core-files"}), 1);
  EXPECT_TRUE(run_->core_files);
  EXPECT_FALSE(run_->read_only);
}

TEST_F(ProgramTest, ReportAcceptsItsOptions) {
  EXPECT_EQ(call({"report"}), exit_ok);
  EXPECT_EQ(report_->server, "http://127.0.0.1:9403");
  EXPECT_EQ(call({"report", "--server", "http://h:1"}), exit_ok);
  EXPECT_EQ(report_->server, "http://h:1");
  EXPECT_FALSE(report_->json || report_->full);
  EXPECT_EQ(call({"report", "-o", "json", "--full"}), exit_ok);
  EXPECT_TRUE(report_->json && report_->full && report_->colours);
  EXPECT_EQ(call({"report", "--no-color"}), exit_ok);
  EXPECT_FALSE(report_->colours);
}

TEST_F(ProgramTest, VersionIsPrinted) {
  EXPECT_EQ(call({"--version"}), exit_ok);
  const auto line = out_.str();
  EXPECT_THAT(line,
              testing::MatchesRegex("kube-network-manager [^ ]+, (clang|gcc) [0-9.]+, Boost 1\\.[0-9]+\\.[0-9]+\n"));
  out_.str("");
  EXPECT_EQ(call({"version"}), exit_ok);
  EXPECT_EQ(out_.str(), line);
}

TEST_F(ProgramTest, HelpHasExamplesAndExitCodes) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"run", "--help"}, {"config", "validate", "-h"}}) {
    out_.str("");
    EXPECT_EQ(call(arguments), exit_ok);
    EXPECT_THAT(out_.str(), HasSubstr("  kube-network-manager "));
    EXPECT_THAT(out_.str(), HasSubstr("Exit codes: 0 success; 1 "));
    EXPECT_THAT(out_.str(), HasSubstr("; 3 another cluster with the same cluster-name"));
    EXPECT_EQ(err_.str(), "");
  }
}

TEST_F(ProgramTest, AnInvalidCommandLineIsAnErrorWithAMessage) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{}, "kube-network-manager: A subcommand is required"},
      {{"frobnicate"},
       "kube-network-manager: unknown command `frobnicate`; the commands are run, report, config, version"},
      {{"run"}, "kube-network-manager run: --config is required"},
      {{"run", "--config"}, "kube-network-manager run: --config: 1 required"},
      {{"run", "--config", "c", "--nothing"}, "--nothing"},
      {{"run", "--config", "c", "--log-level", "loud"}, "kube-network-manager run: --log-level: `loud` is not a level"},
      {{"run", "--config", "c", "--log-format", "xml"}, "text or json"},
      {{"run", "--config", "c", "--listen-http", "9402"}, "`9402` has no port"},
      {{"report", "-o", "yaml"}, "kube-network-manager report: --output: `yaml` is not an output format"},
      {{"config"}, "kube-network-manager config: A subcommand is required"},
      {{"config", "check"}, "unknown command `check`; the commands are validate, reference"},
      {{"config", "validate"}, "kube-network-manager config validate: file is required"},
  };
  for (const auto& [arguments, words] : wrong) {
    err_.str("");
    EXPECT_EQ(call(arguments), exit_usage);
    EXPECT_THAT(err_.str(), HasSubstr(words));
    EXPECT_THAT(err_.str(), HasSubstr("--help` shows"));
    EXPECT_EQ(out_.str(), "");
    EXPECT_FALSE(run_.has_value());
  }
}

TEST_F(ProgramTest, ConfigReferencePrintsThePage) {
  EXPECT_EQ(call({"config", "reference"}), exit_ok);
  EXPECT_EQ(out_.str(), config_reference());
}

TEST_F(ProgramTest, ConfigValidateConnectsWithAValidConfigurationOnly) {
  const TemporaryFile fine("api-port: 9100\n"), wrong("api-prot: 1\n");
  EXPECT_EQ(call({"config", "validate", fine.path()}), exit_ok);
  EXPECT_EQ(call({"config", "validate", "--connect", wrong.path()}), exit_usage);
  EXPECT_EQ(call({"config", "validate", "--kubeconfig", "k", fine.path()}), exit_usage) << "it needs --connect";
  EXPECT_FALSE(connected_);
  EXPECT_EQ(call({"config", "validate", "--connect", "--kubeconfig", "k", fine.path()}), 1)
      << "the exit code is that of the checks";
  ASSERT_TRUE(connected_);
  EXPECT_EQ(connected_->config, fine.path());
  EXPECT_EQ(connected_->kubeconfig, "k");
}

TEST_F(ProgramTest, ConfigValidatePrintsTheErrorsOfAFile) {
  const TemporaryFile fine("api-port: 9100\n");
  EXPECT_EQ(call({"config", "validate", fine.path()}), exit_ok);
  EXPECT_EQ(out_.str(), fine.path() + ": valid\n");

  const TemporaryFile wrong("api-prot: 1\nprivate-ip-range: 10.0.0.1/16\n");
  EXPECT_EQ(call({"config", "validate", wrong.path()}), exit_usage);
  EXPECT_THAT(err_.str(), StartsWith(wrong.path() + ":1:1: api-prot: "));
  EXPECT_THAT(err_.str(), HasSubstr("\n" + wrong.path() + ":2:19: private-ip-range: "));

  err_.str("");
  EXPECT_EQ(call({"config", "validate", "/nonexistent.yaml"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("/nonexistent.yaml cannot be opened: No such file"));
}

}  // namespace
}  // namespace knm
