#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/config/error.hpp"
#include "controller/config/overrides.hpp"
#include "tests/unit/cli/temporary_file.hpp"

namespace knm {
namespace {

TEST(EffectiveSettings, TheCommandLineWins) {
  const TemporaryFile file("listen-http: ':1'\nlog-level: error\nlog-format: json\napi-port: 9100\n");
  RunOptions options;
  options.config = file.path();
  options.listen_http = ListenAddress{"127.0.0.1", 2};
  options.listen_state = ListenAddress{"::1", 3};
  options.log_level = log::Level::debug;
  options.log_format = log::Format::text;
  const auto settings = effective_settings(options);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->listen_http, (ListenAddress{"127.0.0.1", 2}));
  EXPECT_EQ(settings->listen_state, (ListenAddress{"::1", 3}));
  EXPECT_EQ(settings->log_level, log::Level::debug);
  EXPECT_EQ(settings->log_format, log::Format::text);
  EXPECT_EQ(settings->api_port, 9100);
}

TEST(EffectiveSettings, WithoutOptionsTheFileCounts) {
  const TemporaryFile file("listen-http: ':1'\nlog-level: error\nlog-format: json\n");
  RunOptions options;
  options.config = file.path();
  const auto settings = effective_settings(options);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->listen_http, (ListenAddress{"", 1}));
  EXPECT_EQ(settings->listen_state, (ListenAddress{"localhost", 9403})) << "only this machine can connect";
  EXPECT_EQ(settings->log_level, log::Level::error);
  EXPECT_EQ(settings->log_format, log::Format::json);
}

TEST(EffectiveSettings, OptionsForOneStartComeFromTheCommandLine) {
  const TemporaryFile file("api-port: 9100\n"), cautious("read-only: true\n");
  RunOptions options;
  options.config = file.path();
  auto settings = effective_settings(options);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_FALSE(settings->read_only || settings->allow_mass_delete || settings->take_over);
  options.read_only = options.allow_mass_delete = options.take_over = true;
  settings = effective_settings(options);
  EXPECT_TRUE(settings->read_only && settings->allow_mass_delete && settings->take_over);
  // The command line cannot reset a setting of the file.
  options = {.config = cautious.path()};
  EXPECT_TRUE(effective_settings(options)->read_only);
}

// In a file, these settings would apply to every start.
TEST(EffectiveSettings, OptionsForOneStartAreRefusedInTheFile) {
  for (const char* text : {"allow-mass-delete: true\n", "take-over: true\n"}) {
    const TemporaryFile file(text);
    RunOptions options;
    options.config = file.path();
    EXPECT_FALSE(effective_settings(options).has_value()) << text;
  }
}

TEST(EffectiveSettings, AnInvalidFileIsRefused) {
  const TemporaryFile file("api-prot: 1\n");
  RunOptions options;
  options.config = file.path();
  const auto settings = effective_settings(options);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::invalid);
}

}  // namespace
}  // namespace knm
