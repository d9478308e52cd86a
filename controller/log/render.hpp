#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "controller/log/log.hpp"

// From a log record to its line; pure.
namespace knm::log {

struct Record {
  std::chrono::system_clock::time_point time;
  Level level = Level::info;
  std::string_view component;
  std::string_view message;
  std::span<const Field> fields;
};

// `2026-01-02T03:04:05.678Z INFO    executor     annotated pod   pod=shop/cart-1 ip=10.0.0.5`. A value that holds
// blanks, quotes, control characters or broken UTF-8 is quoted and escaped as in JSON.
std::string text_line(const Record& record, bool colours);

// `{"ts": …, "level": …, "logger": …, "msg": …, <fields>}` in one line of valid JSON. A field that is named like one of
// those four is written as `field_<key>`.
std::string json_line(const Record& record);

}  // namespace knm::log
