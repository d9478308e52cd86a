#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "controller/log/level.hpp"

// Structured logs: a constant message, with the variable parts as keys and values.
//
//     constexpr log::Logger logger("executor");
//     logger.info("annotated pod", {{"pod", "shop/cart-1"}, {"ip", address.text()}});
//
// A record is always one line, with any values. Thread-safe. Before configure() is called: text at level info to
// stderr.
namespace knm::log {

// A value of a field; its text is only read during the call, so it may be a temporary.
class Value {
 public:
  using Held = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;

  Value(std::string_view text) : held_(text) {}
  Value(const char* text) : held_(std::string_view(text)) {}
  Value(const std::string& text) : held_(std::string_view(text)) {}
  Value(bool flag) : held_(flag) {}
  Value(double number) : held_(number) {}
  template <std::signed_integral Number>
  Value(Number number) : held_(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral Number>
  Value(Number number) : held_(static_cast<std::uint64_t>(number)) {}

  const Held& held() const { return held_; }

 private:
  Held held_;
};

struct Field {
  std::string_view key;
  Value value;
};

using Fields = std::initializer_list<Field>;

// A component of the program: lines contain its name as `logger`, and its level can be set separately.
class Logger {
 public:
  // `component` must live as long as the Logger: a literal.
  constexpr explicit Logger(std::string_view component) : component_(component) {}

  // Whether a line of this level is written: to avoid computing costly values.
  bool enabled(Level level) const;
  void write(Level level, std::string_view message, Fields fields = {}) const;
  // The same for fields that are only known at run time.
  void write_fields(Level level, std::string_view message, std::span<const Field> fields) const;

  void trace(std::string_view message, Fields fields = {}) const { write(Level::trace, message, fields); }
  void debug(std::string_view message, Fields fields = {}) const { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) const { write(Level::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) const { write(Level::warning, message, fields); }
  void error(std::string_view message, Fields fields = {}) const { write(Level::error, message, fields); }

 private:
  std::string_view component_;
};

// Lines that concern the program as a whole.
inline constexpr Logger general("main");
inline void debug(std::string_view message, Fields fields = {}) { general.debug(message, fields); }
inline void info(std::string_view message, Fields fields = {}) { general.info(message, fields); }
inline void warning(std::string_view message, Fields fields = {}) { general.warning(message, fields); }
inline void error(std::string_view message, Fields fields = {}) { general.error(message, fields); }

// Colours are used for text on a terminal, unless the environment has NO_COLOR.
void set_format(Format format);

// Levels may be changed at any time. A component's own level takes precedence over the general one.
void set_level(Level level);
void set_level(std::string_view component, Level level);
Level level();

// Receives the lines, without line breaks; nullptr: stderr. For tests and for programs that embed this.
using Output = std::function<void(std::string_view line)>;
void set_output(Output output, bool colours = false);
bool colours_on_stderr();
// A line in the current format with the number of lines lost before it.
std::string line_about_lost(std::uint64_t lines);

}  // namespace knm::log
