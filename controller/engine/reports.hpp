#pragma once

#include <functional>
#include <string>
#include <utility>

#include "controller/engine/messages.hpp"

namespace knm {

// Passes reports on to the receiver, if there is one.
class Reports {
 public:
  explicit Reports(std::function<void(const Report&)> receiver) : receiver_(std::move(receiver)) {}

  void send(const Report& report) const {
    if (receiver_) receiver_(report);
  }
  void tell(Report::Kind kind, SlotId id, Step step = Step::nothing, int status = 0, std::string text = {},
            Time duration = Time{0}) const {
    if (receiver_) receiver_({kind, id, step, status, duration, std::move(text)});
  }

 private:
  std::function<void(const Report&)> receiver_;
};

}  // namespace knm
