#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "controller/log/log.hpp"

// Renders a log record as a line; pure.
namespace knm::log {

struct Record {
  std::chrono::system_clock::time_point time;
  Level level = Level::info;
  std::string_view component;
  std::string_view message;
  std::span<const Field> fields;
};

// `2026-01-02T03:04:05.678Z INFO    executor     annotated pod   pod=shop/cart-1 ip=10.0.0.5`. A value with blanks,
// quotes, control characters or invalid UTF-8 is quoted and escaped as in JSON.
std::string text_line(const Record& record, bool colours);

// `{"ts": …, "level": …, "logger": …, "msg": …, <fields>}` in one line of valid JSON. A field with one of these four
// names is written as `field_<key>`.
std::string json_line(const Record& record);

}  // namespace knm::log
