#pragma once

#include <memory>
#include <utility>

namespace knm {

// A value that many have alike, and that is only ever replaced: copies are one in memory. The default value costs
// nothing but the pointer.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) {  // implicit: it is the value
    if (!(value == T())) value_ = std::make_shared<const T>(std::move(value));
  }

  const T& get() const {
    static const T none{};
    return value_ ? *value_ : none;
  }
  operator const T&() const { return get(); }
  auto begin() const { return get().begin(); }
  auto end() const { return get().end(); }
  auto size() const { return get().size(); }
  bool empty() const { return get().empty(); }

  // Uses the memory of `other` from now on, where both are equal.
  void share(const Shared& other) {
    if (value_ != other.value_ && *this == other) value_ = other.value_;
  }

  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || a.get() == b.get(); }

 private:
  std::shared_ptr<const T> value_;  // null: the default
};

}  // namespace knm
