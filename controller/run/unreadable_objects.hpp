#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "contrail-client/answer/list_parser.hpp"

namespace knm {

// The config objects that an inventory could not read. Each is logged once as long as it exists; it is not changed.
class UnreadableConfigObjects {
 public:
  void begin();                                       // an inventory begins
  void note(const contrail::Unreadable& object);      // it could not read this object
  void end();                                         // it is complete
  std::size_t count() const { return last_.size(); }  // in the last complete inventory

 private:
  void tell(const contrail::Unreadable& object) const;

  std::set<std::string> logged_, met_, last_;  // type, uuid and reason
};

}  // namespace knm
