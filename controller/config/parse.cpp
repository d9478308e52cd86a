#include "controller/config/parse.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "controller/config/check.hpp"
#include "controller/config/error.hpp"
#include "controller/config/keys.hpp"
#include "controller/config/value.hpp"

namespace knm {
namespace {

constexpr std::size_t file_limit = 1 << 20;

base::Error unreadable(std::string message) { return {ConfigErrc::unreadable, std::move(message)}; }

// The configuration of the former Go program has sections, `[DEFAULT]`, which YAML parses as a list.
bool looks_like_ini(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#' || line[first] == ';') continue;
    const auto last = line.find_last_not_of(" \t\r");
    return line[first] == '[' && line[last] == ']' && line.find(',') == std::string_view::npos;
  }
  return false;
}

constexpr std::string_view ini_advice =
    "the file is an INI file, the format of the Go program; write YAML: lines of the form `key: value` without "
    "[sections], and lists as [a, b]";

// Calls the reader of one key with its value. A key without a value counts as absent if its default is empty.
void read_key(const Key& key, const YAML::Node& node, Place place, Reading& reading, Settings& settings) {
  const Value value(node, std::string(key.name), place, reading);
  reading.written.emplace(key.name, value.place());
  if (!value.is_null()) return key.read(value, settings);
  if (none_by_default(key)) return;
  value.refuse("has no value; write a value, or remove the line to use the default, " + std::string(key.default_value));
}

void read_keys(const YAML::Node& root, Reading& reading, Settings& settings) {
  for (const auto& member : root) {
    const auto place = place_of(member.first, Place{});
    if (!member.first.IsScalar()) {
      reading.problems.add(place, "", "a key is not a text; write lines of the form `key: value`");
      continue;
    }
    const auto& name = member.first.Scalar();
    const Key* key = key_named(name);
    if (!key) {
      reading.problems.add(place, name, "is not a known key; " + advice_on_unknown_key(name));
    } else if (const auto before = reading.written.find(name); before != reading.written.end()) {
      reading.problems.add(place, name,
                           "is a duplicate of line " + std::to_string(before->second.line) + "; remove one of the two");
    } else {
      read_key(*key, member.second, place, reading, settings);
    }
  }
}

// The places where the documents of a file begin.
class DocumentStarts final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { marks_.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  const std::vector<YAML::Mark>& marks() const { return marks_; }

 private:
  std::vector<YAML::Mark> marks_;
};

// Whether the file is one document. yaml-cpp takes misplaced text (a comma at the start of a line) for the beginning of
// further documents, without end: so at most two are read, and YAML::LoadAll, which reads all, must not be used.
bool is_one_document(const std::string& yaml, Reading& reading) {
  std::istringstream stream(yaml);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) return true;
  const auto& mark = starts.marks().back();
  reading.problems.add({mark.line + 1, mark.column + 1}, "",
                       "a second document, or text that is not YAML, begins here; write lines of the form `key: "
                       "value`, without a line `---` between them");
  return false;
}

void read_document(const std::string& yaml, Reading& reading, Settings& settings) {
  if (!is_one_document(yaml, reading)) return;
  const auto root = YAML::Load(yaml);
  if (!root.IsDefined() || root.IsNull()) return;
  if (!root.IsMap()) {
    reading.problems.add(place_of(root, Place{}), "",
                         "the file is not a mapping; write lines of the form `key: value`");
    return;
  }
  read_keys(root, reading, settings);
  check_together(settings, reading);
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

base::Result<Settings> parse_settings(std::string_view yaml, std::string_view file_name) {
  Settings settings;
  Reading reading;
  if (looks_like_ini(yaml)) {
    reading.problems.add(Place{}, "", std::string(ini_advice));
  } else {
    try {
      read_document(std::string(yaml), reading, settings);
    } catch (const YAML::Exception& error) {
      const Place place = error.mark.is_null() ? Place{} : Place{error.mark.line + 1, error.mark.column + 1};
      reading.problems.add(place, "",
                           "is not YAML: " + error.msg +
                               "; write lines of the form `key: value`, indent with spaces instead of tabs, and quote "
                               "texts with special characters");
    }
  }
  if (!reading.problems.empty()) return base::Error{ConfigErrc::invalid, reading.problems.text(file_name)};
  return settings;
}

base::Result<Settings> load_settings(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return unreadable("the configuration " + path + " is a directory; name the file in it");
  }
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    const int reason = errno;
    std::string message = "the configuration " + path + " cannot be opened: " + std::strerror(reason);
    if (reason == ENOENT) message += "; check the path, or create an empty file to use the defaults";
    if (reason == EACCES) message += "; make the file readable for the user of this program";
    return unreadable(std::move(message));
  }
  std::string text(file_limit + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()))
    return unreadable("the configuration " + path + " cannot be read: " + std::strerror(errno));
  if (text.size() > file_limit) {
    return unreadable("the configuration " + path + " is larger than one megabyte; check the path");
  }
  return parse_settings(text, path);
}

}  // namespace knm
