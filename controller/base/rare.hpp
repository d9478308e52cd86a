#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace knm {

// A value that is nearly always the default one, and then costs only a pointer.
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) { *this = other.get(); }
  Rare(Rare&&) noexcept = default;
  Rare& operator=(const Rare& other) { return *this = other.get(); }
  Rare& operator=(Rare&&) noexcept = default;
  Rare& operator=(T value) {
    if (value == T())
      clear();
    else
      value_ = std::make_unique<T>(std::move(value));
    return *this;
  }

  const T& get() const { return value_ ? *value_ : none(); }
  operator const T&() const { return get(); }
  const T* operator->() const { return &get(); }
  // Changes one member; if the result is the default value, the memory is released.
  template <class Member>
  void set(Member T::* member, std::type_identity_t<Member> value) {
    if (get().*member == value) return;
    const bool to_default = value == none().*member;
    make().*member = std::move(value);
    if (to_default && *value_ == none()) clear();
  }
  // Removes one element of a member, in the same way.
  template <class Member>
  Member take(Member T::* member) {
    if (!value_) return {};
    auto out = std::exchange((*value_).*member, Member());
    if (*value_ == none()) clear();
    return out;
  }
  // For changes; allocated if it is the default value.
  T& make() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }
  bool empty() const { return !value_; }
  void clear() { value_.reset(); }

 private:
  static const T& none() {
    static const T out{};
    return out;
  }

  std::unique_ptr<T> value_;
};

// A list that is nearly always empty, and then costs only a pointer.
template <class T>
class RareList {
 public:
  using const_iterator = typename std::vector<T>::const_iterator;

  RareList() = default;
  RareList(const std::vector<T>& values) {  // implicit, from a list of values
    if (!values.empty()) values_.make() = values;
  }

  operator const std::vector<T>&() const { return values_.get(); }

  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.get().size(); }
  const T& operator[](std::size_t index) const { return values_.get()[index]; }
  const_iterator begin() const { return values_.get().begin(); }
  const_iterator end() const { return values_.get().end(); }
  void push_back(T value) { values_.make().push_back(std::move(value)); }
  void clear() { values_.clear(); }

  friend bool operator==(const RareList& a, const RareList& b) { return a.values_.get() == b.values_.get(); }

 private:
  Rare<std::vector<T>> values_;
};

}  // namespace knm
