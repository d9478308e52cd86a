#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace knm {

// A list of values of four bytes each in 16 bytes: up to three in place, more on the heap. Entries of the table rarely
// have more references than that.
template <class T>
class SmallList {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) == 4 && alignof(T) == 4);

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  SmallList() = default;
  SmallList(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
  SmallList(const std::vector<T>& values) {  // implicit, from a list of values
    for (const auto& value : values) push_back(value);
  }
  SmallList(const SmallList& other) { assign(other.begin(), other.end()); }
  SmallList(SmallList&& other) noexcept { swap(other); }
  SmallList& operator=(SmallList other) noexcept {
    swap(other);
    return *this;
  }
  ~SmallList() {
    if (on_heap_) delete[] heap();
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  iterator begin() { return on_heap_ ? heap() : place_; }
  iterator end() { return begin() + size(); }
  const_iterator begin() const { return const_cast<SmallList*>(this)->begin(); }
  const_iterator end() const { return begin() + size(); }
  T& back() { return *(end() - 1); }
  const T& back() const { return *(end() - 1); }

  void push_back(T value) { insert(end(), value); }
  iterator insert(const_iterator at, T value) {
    const auto offset = at - begin();
    if (size_ == capacity()) grow();
    std::copy_backward(begin() + offset, end(), end() + 1);
    begin()[offset] = value;
    ++size_;
    return begin() + offset;
  }
  iterator erase(const_iterator at) { return erase(at, at + 1); }
  iterator erase(const_iterator from, const_iterator to) {
    auto* first = begin() + (from - begin());
    std::copy(to, static_cast<const_iterator>(end()), first);
    size_ -= static_cast<std::uint32_t>(to - from);
    return first;
  }
  void clear() { *this = SmallList(); }

  template <class Predicate>
  friend std::size_t erase_if(SmallList& list, Predicate predicate) {
    const auto from = std::remove_if(list.begin(), list.end(), predicate);
    const auto count = list.end() - from;
    list.erase(from, list.end());
    return static_cast<std::size_t>(count);
  }
  friend bool operator==(const SmallList& a, const SmallList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr std::uint32_t in_place = 3;

  // A list on the heap stores its address in place, followed by its capacity.
  std::uint32_t capacity() const {
    std::uint32_t out = in_place;
    if (on_heap_) std::memcpy(&out, place_ + 2, sizeof(out));
    return out;
  }
  T* heap() const {
    T* out = nullptr;
    std::memcpy(static_cast<void*>(&out), place_, sizeof(T*));
    return out;
  }
  void assign(const_iterator from, const_iterator to) {
    const auto count = static_cast<std::uint32_t>(to - from);
    if (count > in_place) reserve(count);
    std::copy(from, to, begin());
    size_ = count;
  }
  void grow() { reserve(capacity() * 2); }
  void reserve(std::uint32_t next) {
    auto* memory = new T[next];
    std::copy(begin(), end(), memory);
    if (on_heap_) delete[] heap();
    std::memcpy(place_, static_cast<const void*>(&memory), sizeof(T*));
    std::memcpy(place_ + 2, &next, sizeof(next));
    on_heap_ = true;
  }
  void swap(SmallList& other) noexcept {
    std::swap_ranges(place_, place_ + in_place, other.place_);
    const auto size = size_;
    const bool on_heap = on_heap_;
    size_ = other.size_;
    on_heap_ = other.on_heap_;
    other.size_ = size;
    other.on_heap_ = on_heap;
  }

  T place_[in_place] = {};
  std::uint32_t size_ : 31 = 0;
  bool on_heap_ : 1 = false;
};

}  // namespace knm
