#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "contrail-client/watch/event_reader.hpp"
#include "tests/config-api/config_api.hpp"

namespace knm::test {

// What a message bus does to notifications; each in per cent of them.
struct BusFaults {
  unsigned lost = 0, doubled = 0;
  unsigned late = 0;      // delivered some notifications later, as it was when it should have been delivered
  bool shuffled = false;  // in any order
};

// One stream of notifications of a stand-in, from its lists to its end, without sockets: what the stand-in sends is
// read by the parsers of the product.
class ConfigStream {
 public:
  // All of them outlive it. `sink` hears what the stream says.
  ConfigStream(const standin::ConfigApi& api, std::vector<contrail::watch::Subscription> subscriptions,
               contrail::watch::EventSink sink, const BusFaults& faults, std::mt19937_64& random);

  // Delivers the first lists.
  void begin();
  // A write was answered: its changes will be notified.
  void note(const std::vector<standin::Change>& changes);
  // Notifies of one change, or loses it; false: there is none.
  bool deliver();
  // Whether the bus is about to deliver, while there is other work; one that shuffles waits for more.
  bool is_due() { return !faults_.shuffled || random_() % 8 == 0; }
  // Delivers everything from now on as it should be.
  void heal() { faults_ = {}; }

  std::size_t lost() const { return lost_; }
  // The uuids of the objects whose last notification was lost.
  const std::map<std::string, bool>& last() const { return last_lost_; }

 private:
  void feed(const std::string& text);

  const standin::ConfigApi& api_;
  std::vector<contrail::watch::Subscription> subscriptions_;
  std::shared_ptr<const standin::WatchQuery> query_;
  contrail::watch::EventReader reader_;
  BusFaults faults_;
  std::mt19937_64& random_;
  std::deque<standin::Change> changes_;
  std::deque<std::string> late_;  // as they were sent
  std::size_t lost_ = 0;
  std::map<std::string, bool> last_lost_;
};

}  // namespace knm::test
