#include "controller/log/render.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <iterator>
#include <type_traits>

#include "controller/log/escape.hpp"
#include "controller/log/names.hpp"

namespace knm::log {
namespace {

// Widths that fit most lines, so that columns are aligned.
constexpr std::size_t component_width = 12;
constexpr std::size_t message_width = 36;
constexpr std::size_t usual_line = 384;  // a text of this size rarely grows

constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view dim = "\x1b[2m";

std::string_view colour(Level level) {
  switch (level) {
    case Level::trace:
    case Level::debug:
      return dim;
    case Level::info:
      return "\x1b[32m";
    case Level::warning:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
    case Level::off:
      break;
  }
  return "";
}

std::string_view label(Level level) {
  constexpr std::array<std::string_view, 6> labels = {"TRACE  ", "DEBUG  ", "INFO   ", "WARNING", "ERROR  ", "       "};
  return labels.at(static_cast<std::size_t>(level));
}

// With leading zeros.
void append_digits(std::string& out, unsigned number, unsigned digits) {
  const auto end = out.size() + digits;
  out.resize(end);
  for (auto at = end; at > end - digits; number /= 10) out[--at] = static_cast<char>('0' + number % 10);
}

// RFC 3339 in UTC with milliseconds. Every line has a time, so it is written without a format to parse.
void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(milliseconds - day);
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

// Numbers and booleans are the same in both formats; `append_text` writes text. JSON has no infinity: quoted.
template <class AppendText>
void append_value(std::string& out, const Value& value, AppendText append_text) {
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string_view>) {
          append_text(out, held);
        } else if constexpr (std::is_same_v<Held, double>) {
          if (std::isfinite(held)) {
            fmt::format_to(std::back_inserter(out), "{}", held);
          } else {
            append_quoted(out, fmt::format("{}", held));
          }
        } else {
          fmt::format_to(std::back_inserter(out), "{}", held);
        }
      },
      value.held());
}

void append_bare_or_quoted(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of(" =") == std::string_view::npos && is_plain(text)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  const auto before = out.size();
  append_escaped(out, text);
  const auto written = out.size() - before;
  out.append(written < width ? width - written : 0, ' ');
}

bool is_taken(std::string_view key) { return key == "ts" || key == "level" || key == "logger" || key == "msg"; }

}  // namespace

std::string text_line(const Record& record, bool colours) {
  std::string line;
  line.reserve(usual_line);
  if (colours) line += dim;
  append_time(line, record.time);
  if (colours) line.append(reset).append(" ").append(colour(record.level));
  if (!colours) line += ' ';
  line += label(record.level);
  if (colours) line += reset;
  line += ' ';
  append_padded(line, record.component, component_width);
  line += ' ';
  append_padded(line, record.message, record.fields.empty() ? 0 : message_width);
  for (const auto& field : record.fields) {
    line += ' ';
    if (colours) line += dim;
    append_escaped(line, field.key);
    line += '=';
    if (colours) line += reset;
    append_value(line, field.value, append_bare_or_quoted);
  }
  return line;
}

std::string json_line(const Record& record) {
  std::string line;
  line.reserve(usual_line);
  line += R"({"ts":")";
  append_time(line, record.time);
  line.append(R"(","level":")").append(name(record.level)).append(R"(","logger":)");
  append_quoted(line, record.component);
  line += R"(,"msg":)";
  append_quoted(line, record.message);
  for (const auto& field : record.fields) {
    line += is_taken(field.key) ? R"(,"field_)" : R"(,")";
    append_escaped(line, field.key);
    line += R"(":)";
    append_value(line, field.value, append_quoted);
  }
  line += '}';
  return line;
}

}  // namespace knm::log
