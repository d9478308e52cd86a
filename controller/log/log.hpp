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

// Structured logs: a message that is the same every time, and what differs as keys and values.
//
//     constexpr log::Logger logger("executor");
//     logger.info("annotated pod", {{"pod", "shop/cart-1"}, {"ip", address.text()}});
//
// A line is one line whatever its values hold. Thread-safe. Before configure() is called: text at level info to stderr.
namespace knm::log {

// A value of a field; text is only looked at during the call, so temporaries are fine.
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

// Who speaks: a component's name, which lines carry as `logger` and by which its level can be set alone.
class Logger {
 public:
  // `component` must live as long as the Logger: a literal.
  constexpr explicit Logger(std::string_view component) : component_(component) {}

  // Whether a line of this level is written: to ask before making costly values.
  bool enabled(Level level) const;
  void write(Level level, std::string_view message, Fields fields = {}) const;
  // The same for fields that are not known where the code is written.
  void write_fields(Level level, std::string_view message, std::span<const Field> fields) const;

  void trace(std::string_view message, Fields fields = {}) const { write(Level::trace, message, fields); }
  void debug(std::string_view message, Fields fields = {}) const { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) const { write(Level::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) const { write(Level::warning, message, fields); }
  void error(std::string_view message, Fields fields = {}) const { write(Level::error, message, fields); }

 private:
  std::string_view component_;
};

// Lines of the program as a whole.
inline constexpr Logger general("main");
inline void debug(std::string_view message, Fields fields = {}) { general.debug(message, fields); }
inline void info(std::string_view message, Fields fields = {}) { general.info(message, fields); }
inline void warning(std::string_view message, Fields fields = {}) { general.warning(message, fields); }
inline void error(std::string_view message, Fields fields = {}) { general.error(message, fields); }

// Colours are used for text on a terminal, unless the environment has NO_COLOR.
void set_format(Format format);

// Levels may be changed at any time. A component's own level wins over the general one.
void set_level(Level level);
void set_level(std::string_view component, Level level);
Level level();

// Where lines go, each without its line break; nullptr: stderr again. For tests and for programs that embed this.
using Output = std::function<void(std::string_view line)>;
void set_output(Output output, bool colours = false);
bool colours_on_stderr();
// A line, in the format that is set, that says how many lines before it were lost.
std::string line_about_lost(std::uint64_t lines);

}  // namespace knm::log
