#pragma once

#include <string>
#include <string_view>

namespace standin {

/// What a request is, for counting and for choosing whom a fault hits.
struct Kind {
  bool write = false;  ///< may change something: not a GET, and no look-up or list by POST
  std::string
      what;  ///< the type ("virtual-network") or action ("ref-update"), "/" for the homepage, "other" for the rest
};

Kind classify(std::string_view method, std::string_view target);

}  // namespace standin
