#pragma once

#include <memory>
#include <utility>

namespace knm {

// A value that many owners have in common, and that is only replaced: copies share memory. The default value costs only
// the pointer.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) {  // implicit, from the value
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

  // Shares the memory of `other` from now on, if both are equal.
  void share(const Shared& other) {
    if (value_ != other.value_ && *this == other) value_ = other.value_;
  }

  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || a.get() == b.get(); }

 private:
  std::shared_ptr<const T> value_;  // null: the default
};

}  // namespace knm
