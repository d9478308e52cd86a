#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "contrail-client/answer/list_parser.hpp"

namespace knm {

// The objects of the config API that an inventory could not read. Each is told to the log once, for as long as it is
// there; it is left as it is.
class UnreadableConfigObjects {
 public:
  void begin();                                       // an inventory is read from its beginning
  void note(const contrail::Unreadable& object);      // it met one
  void end();                                         // it was read whole
  std::size_t count() const { return last_.size(); }  // of the last one that was

 private:
  void tell(const contrail::Unreadable& object) const;

  std::set<std::string> told_, met_, last_;  // type, uuid and what is wrong
};

}  // namespace knm
