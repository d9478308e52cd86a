#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "controller/config/error.hpp"
#include "controller/config/parse.hpp"

namespace knm {
namespace {

using testing::HasSubstr;

class LoadSettings : public testing::Test {
 protected:
  LoadSettings() {
    std::string pattern = testing::TempDir() + "knm-config-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LoadSettings() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& content) const {
    auto path = folder_ + "/config.yaml";
    std::ofstream(path) << content;
    return path;
  }

  std::string folder_;
};

TEST_F(LoadSettings, ReadsAFile) {
  const auto settings = load_settings(file("api-port: 9100\n"));
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->api_port, 9100);
}

TEST_F(LoadSettings, NamesTheFileOfAWrongKey) {
  const auto path = file("\n  api-prot: 1\n");
  const auto settings = load_settings(path);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::invalid);
  EXPECT_THAT(settings.error().message, testing::StartsWith(path + ":2:3: api-prot: "));
}

TEST_F(LoadSettings, ReportsAMissingFile) {
  const auto settings = load_settings(folder_ + "/none.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::unreadable);
  EXPECT_THAT(settings.error().message, HasSubstr(folder_ + "/none.yaml"));
  EXPECT_THAT(settings.error().message, HasSubstr("No such file"));
}

TEST_F(LoadSettings, RefusesAFolder) {
  const auto settings = load_settings(folder_);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::unreadable);
  EXPECT_THAT(settings.error().message, HasSubstr("is a directory"));
}

TEST_F(LoadSettings, RefusesAFileThatIsTooBig) {
  const auto settings = load_settings(file(std::string((1 << 20) + 1, '#')));
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::unreadable);
  EXPECT_THAT(settings.error().message, HasSubstr("megabyte"));
}

// The superuser may read every file, so in this case the test uses an invalid path.
TEST_F(LoadSettings, ReportsWhyAFileCannotBeRead) {
  const auto path = file("api-port: 1\n");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const bool superuser = ::geteuid() == 0;
  const auto settings = load_settings(superuser ? path + "/below" : path);
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, ConfigErrc::unreadable);
  EXPECT_THAT(settings.error().message, HasSubstr(superuser ? "Not a directory" : "make the file readable"));
}

}  // namespace
}  // namespace knm
