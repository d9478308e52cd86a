#include "controller/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "controller/log/render.hpp"

namespace knm::log {

bool colours_on_stderr() {
  const char* no_colour = std::getenv("NO_COLOR");
  return (!no_colour || *no_colour == '\0') && ::isatty(STDERR_FILENO) == 1;
}

namespace {

// A spdlog sink that calls a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Output output) : output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    output_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  Output output_;
};

// The line, including its time, is already rendered; spdlog adds the line break and writes it in one piece.
std::shared_ptr<spdlog::logger> logger_to(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("knm", std::move(sink));
  logger->set_level(spdlog::level::trace);
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  return logger;
}

std::shared_ptr<spdlog::logger> logger_to_stderr() {
  return logger_to(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      break;
  }
  return spdlog::level::off;
}

// Shared by the whole program: one stream of lines.
struct State {
  std::atomic<Level> level = Level::info;
  std::atomic<Format> format = Format::text;
  std::atomic<bool> colours = colours_on_stderr();
  std::atomic<bool> has_own_levels = false;  // avoids the lock if no component has its own level

  std::mutex mutex;  // for the members below
  std::map<std::string, Level, std::less<>> own_levels;
  std::shared_ptr<spdlog::logger> logger = logger_to_stderr();
};

// Never destroyed: code that runs late at exit may still log.
State& state() {
  static auto* const instance = new State;
  return *instance;
}

Level level_of(std::string_view component) {
  auto& shared = state();
  if (shared.has_own_levels) {
    const std::lock_guard lock(shared.mutex);
    const auto own = shared.own_levels.find(component);
    if (own != shared.own_levels.end()) return own->second;
  }
  return shared.level;
}

}  // namespace

bool Logger::enabled(Level level) const { return level != Level::off && level >= level_of(component_); }

void Logger::write(Level level, std::string_view message, Fields fields) const {
  write_fields(level, message, {fields.begin(), fields.size()});
}

void Logger::write_fields(Level level, std::string_view message, std::span<const Field> fields) const {
  if (!enabled(level)) return;
  auto& shared = state();
  const Record record{std::chrono::system_clock::now(), level, component_, message, fields};
  const auto line = shared.format == Format::json ? json_line(record) : text_line(record, shared.colours);
  std::unique_lock lock(shared.mutex);
  const auto logger = shared.logger;
  lock.unlock();
  logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

void set_format(Format format) { state().format = format; }

void set_level(Level level) { state().level = level; }

void set_level(std::string_view component, Level level) {
  auto& shared = state();
  const std::lock_guard lock(shared.mutex);
  shared.own_levels.insert_or_assign(std::string(component), level);
  shared.has_own_levels = true;
}

Level level() { return state().level; }

std::string line_about_lost(std::uint64_t lines) {
  const Field count{"lines", lines};
  const Record record{std::chrono::system_clock::now(),
                      Level::warning,
                      "log",
                      "log lines lost: the reader of the log was too slow",
                      {&count, 1}};
  return state().format == Format::json ? json_line(record) : text_line(record, state().colours);
}

void set_output(Output output, bool colours) {
  auto& shared = state();
  const bool own = static_cast<bool>(output);
  auto logger = own ? logger_to(std::make_shared<FunctionSink>(std::move(output))) : logger_to_stderr();
  const std::lock_guard lock(shared.mutex);
  shared.logger = std::move(logger);
  shared.colours = own ? colours : colours_on_stderr();
}

}  // namespace knm::log
