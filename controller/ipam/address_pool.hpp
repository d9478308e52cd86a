#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "contrail-client/ip.hpp"
#include "controller/base/time.hpp"

namespace knm {

// The addresses of some ranges and their owners. New addresses are taken from the first range of their family; the
// others contain addresses that were assigned before.
//
// The controller chooses, the server arbitrates: its addresses are loaded by hold() before the first choice, and an
// address that it refuses is reported by refuse(). A choice starts at a position derived from the owner's name, so that
// two clusters that share a range seldom choose the same. A released address cools down before it is assigned again: a
// force-deleted Pod may still run.
class AddressPool {
 public:
  // The first, the last and, with `reserved_tail`, the two addresses before the last (gateway, DNS) are never assigned.
  // `rest`: the cool-down.
  AddressPool(std::vector<contrail::Cidr> ranges, bool reserved_tail, Time rest);

  // The address of `owner`; nullopt: none.
  std::optional<contrail::IpAddress> of(std::string_view owner) const;
  // The address of `owner`, or a new one of the family; nullopt: all are assigned or cooling down.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now);
  // The same, from the addresses for which `free` returns true. It is called at most a thousand times, since a range
  // may be huge: if it refuses all of these, the result is nullopt.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now,
                                            const std::function<bool(const contrail::IpAddress&)>& free);
  // The server has it for `owner`. A former address of the owner is released without cool-down.
  void hold(const std::string& owner, const contrail::IpAddress& address);
  // The server has it for an unknown owner: the choice of `owner` is void. It may become free without notice, so it
  // cools down before it is tried again.
  void refuse(const std::string& owner, const contrail::IpAddress& address, Time now);
  // A subnet reserves it: it is never assigned.
  void reserve(const contrail::IpAddress& address);
  // The address of `owner` is free after its cool-down, which begins now.
  void release(std::string_view owner, Time now);

  bool contains(const contrail::IpAddress& address) const;
  // Ends the cool-downs that have passed by `now`.
  void wake(Time now);
  // When the next cool-down ends; nullopt: none is running.
  std::optional<Time> next_cooled_down() const;
  std::size_t used() const { return used_; }

 private:
  static constexpr Time least_cool_down_of_refused = std::chrono::minutes(1);
  static constexpr int most_refusals = 1000;
  using Owner = std::uint64_t;  // text_digest() of its name
  // An address in use has an owner, others are cooling down; there is one for each Pod.
  struct Taken {
    std::uint64_t value : 63;  // the owner without its last bit, or the end of the cool-down
    std::uint64_t in_use : 1;
    static Taken by(Owner owner) { return {owner >> 1, 1}; }
    static Taken until(Time time) { return {static_cast<std::uint64_t>(time.count()), 0}; }
    friend bool operator==(const Taken&, const Taken&) = default;
  };
  struct Range {
    contrail::Cidr cidr;
    std::uint64_t first, count;                             // usable offsets: [first, first + count)
    boost::unordered_flat_map<std::uint64_t, Taken> taken;  // by offset
  };
  // The range that assigns `address`; null: none does (outside, or reserved in its range).
  Range* usable_range_of(const contrail::IpAddress& address);
  void take(Owner owner, const contrail::IpAddress& address);
  // The owner loses it: it is free, or cools down until then. If it has another owner as well, that one keeps it.
  void let_go(Owner owner, const contrail::IpAddress& address, std::optional<Time> until);

  std::vector<Range> ranges_;
  Time cool_down_;
  boost::unordered_flat_map<Owner, contrail::IpAddress> owners_;
  // Owners of an address besides the latest one, as long as both have it: when two owners exchange addresses, or the
  // server shows the owner of an address that was chosen here.
  std::set<std::pair<contrail::IpAddress, Owner>> others_;
  std::multimap<Time, contrail::IpAddress> cooling_down_;  // by the end of the cool-down
  std::set<contrail::IpAddress> reserved_;
  std::size_t used_ = 0;
};

}  // namespace knm
