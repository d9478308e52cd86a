#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "k8sclient/queue/queue_state.hpp"

namespace k8s {
namespace {

using namespace std::chrono_literals;
using Key = int;
using Queue = QueueState<Key>;

constexpr Key keys = 12;
std::string group_of(const Key& key) { return std::to_string(key % 3); }

// What a queue must do, said as plainly as possible: each question is answered by a search through all keys.
class Model {
 public:
  void add(Key key) {
    if (waits_.insert(key).second && !in_work_.contains(key)) ready_[key] = ++step_;
  }
  void add_after(Key key, Queue::Time due) {
    const auto [known, fresh] = due_.try_emplace(key, due);
    if (!fresh) known->second = std::min(known->second, due);
  }
  void advance(Queue::Time now) {
    while (!due_.empty()) {
      const auto next =
          std::min_element(due_.begin(), due_.end(), [](auto& a, auto& b) { return a.second < b.second; });
      if (next->second > now) return;
      const Key key = next->first;
      due_.erase(next);
      add(key);
    }
  }
  void take(Key key) {
    ASSERT_TRUE(ready_.contains(key)) << key << " is in work, or was not added";
    const auto group = group_of(key);
    for (const auto& [other, since] : ready_) {
      if (group_of(other) == group) {
        EXPECT_GE(since, ready_[key]) << other << " of the same group waits for longer than " << key;
      } else if (served_.contains(group)) {
        EXPECT_FALSE(since < served_[group] && served_[group_of(other)] < served_[group])
            << other << " waits for a second turn of the group of " << key;
      }
    }
    ready_.erase(key);
    waits_.erase(key);
    in_work_.insert(key);
    served_[group] = ++step_;
  }
  void done(Key key) {
    in_work_.erase(key);
    if (waits_.contains(key)) ready_[key] = ++step_;
  }
  std::optional<Key> any_in_work(std::uint64_t random) const {
    if (in_work_.empty()) return std::nullopt;
    return *std::next(in_work_.begin(), static_cast<std::ptrdiff_t>(random % in_work_.size()));
  }
  std::size_t depth() const { return waits_.size(); }
  bool can_take() const { return !ready_.empty(); }
  bool is_empty() const { return waits_.empty() && in_work_.empty() && due_.empty(); }

 private:
  std::uint64_t step_ = 0;
  std::set<Key> waits_, in_work_;
  std::map<Key, std::uint64_t> ready_;           // since which step
  std::map<std::string, std::uint64_t> served_;  // the step of the group's last turn
  std::map<Key, Queue::Time> due_;
};

class QueueModel : public testing::TestWithParam<unsigned> {
 protected:
  // The same step of both.
  void step() {
    now_ += std::chrono::nanoseconds(1 + random_() % 1'000'000);
    model_.advance(now_);
    const Key key = static_cast<Key>(random_() % keys);
    switch (random_() % 5) {
      case 0:
        queue_.add(key, now_);
        model_.add(key);
        break;
      case 1: {
        const std::chrono::nanoseconds delay(1 + random_() % 20'000'000);
        queue_.add_after(key, delay, now_);
        model_.add_after(key, now_ + delay);
        break;
      }
      case 2:
      case 3:
        take();
        break;
      default:
        finish();
    }
    ASSERT_EQ(queue_.figures(now_).depth, model_.depth());
  }
  void take() {
    const auto taken = queue_.take(now_);
    ASSERT_EQ(taken.has_value(), model_.can_take());
    if (taken) model_.take(taken->key);
  }
  void finish() {
    const auto key = model_.any_in_work(random_());
    if (!key) return;
    queue_.done(*key, now_);
    model_.done(*key);
  }

  std::mt19937_64 random_{GetParam()};
  Queue::Time now_{1h};
  Model model_;
  Queue queue_{{.group_of = group_of}};
};

// A key is never in work twice, none that was added is lost, the order is fair, and nothing comes before its time.
TEST_P(QueueModel, TheQueueDoesWhatTheModelSays) {
  for (int i = 0; i < 2'000 && !HasFailure(); ++i) step();
  for (int i = 0; i < 10 * keys && !model_.is_empty() && !HasFailure(); ++i) {
    now_ += 20ms;
    model_.advance(now_);
    take();
    finish();
  }
  EXPECT_TRUE(model_.is_empty());
  EXPECT_TRUE(queue_.is_idle());
  EXPECT_FALSE(queue_.next_due());
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueueModel, testing::Range(1U, 51U));

}  // namespace
}  // namespace k8s
