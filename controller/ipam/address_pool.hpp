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

// Which addresses of some ranges are given to whom. New ones are of the first range of their family; the others are
// there for what was given out before.
//
// We choose, the server is the arbiter: what it has is loaded by hold() before the first choice, and an address that it
// refuses is reported by refuse(). A choice starts at a place derived from the owner's name, so that two clusters that
// share a range seldom meet. An address that is let go rests before it is given out again: a force-deleted Pod may
// still run.
class AddressPool {
 public:
  // The first, the last and, with `reserved_tail`, the two addresses before the last (gateway, DNS) are never given
  // out.
  AddressPool(std::vector<contrail::Cidr> ranges, bool reserved_tail, Time rest);

  // What `owner` has; nullopt: nothing.
  std::optional<contrail::IpAddress> of(std::string_view owner) const;
  // What `owner` has, or a new choice of the family; nullopt where all are taken or rest.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now);
  // The same, of those that `free` says are free. It is asked a thousand times at most, for a range may be larger than
  // anybody can count: where all of these are refused, there is none.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now,
                                            const std::function<bool(const contrail::IpAddress&)>& free);
  // The server says that `owner` has it. A former address of the owner is let go without rest.
  void hold(const std::string& owner, const contrail::IpAddress& address);
  // The server says that somebody has it, though nobody that it shows: the owner's choice is void. It may come free
  // without our hearing of it, so that it rests before it is tried again.
  void refuse(const std::string& owner, const contrail::IpAddress& address, Time now);
  // A subnet keeps it for itself: it is never given out.
  void reserve(const contrail::IpAddress& address);
  // Nobody has it any longer; it rests from now on.
  void release(std::string_view owner, Time now);

  bool contains(const contrail::IpAddress& address) const;
  // Those that have rested until `now` may be given out again.
  void wake(Time now);
  // When the next resting address may be given out; nullopt where none rests.
  std::optional<Time> next_cooled_down() const;
  std::size_t used() const { return used_; }

 private:
  static constexpr Time least_cool_down_of_refused = std::chrono::minutes(1);
  static constexpr int most_refusals = 1000;
  using Owner = std::uint64_t;  // text_digest() of its name
  // One that is in use has an owner, others rest; there is one for each Pod.
  struct Taken {
    std::uint64_t value : 63;  // the owner without its last bit; until when it rests
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
  // The range that gives `address` out; null where none does (outside, or reserved in its range).
  Range* usable_range_of(const contrail::IpAddress& address);
  void take(Owner owner, const contrail::IpAddress& address);
  // An owner has it no longer: it is free, or rests until then. One that another owner has as well stays that one's.
  void let_go(Owner owner, const contrail::IpAddress& address, std::optional<Time> until);

  std::vector<Range> ranges_;
  Time cool_down_;
  boost::unordered_flat_map<Owner, contrail::IpAddress> owners_;
  // Owners of an address besides the one that took it last, for as long as both have it: when two exchange theirs, or
  // the server shows who has an address that we chose.
  std::set<std::pair<contrail::IpAddress, Owner>> others_;
  std::multimap<Time, contrail::IpAddress> cooling_down_;  // by the time until when
  std::set<contrail::IpAddress> reserved_;
  std::size_t used_ = 0;
};

}  // namespace knm
