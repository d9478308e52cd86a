#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/basic_parser_impl.hpp>

#include "base/result.hpp"
#include "contrail-client/answer/walker.hpp"

namespace contrail::answer {

// An incremental JSON parser with a walker as its handler. Included by only two .cpp files, since it compiles slowly.
class Parser {
 public:
  Parser(Type type, Form form, Walker::Complete complete, Walker::Unfit unfit = {});

  base::Result<void> feed(std::string_view bytes);
  base::Result<void> finish();
  std::uint64_t objects() const { return json_.handler().objects(); }

 private:
  base::Result<void> fail(errc code, std::string message);
  base::Result<void> explain(const boost::json::error_code& error, std::string_view rest);

  std::string what_;  // "list of virtual-networks", for messages
  std::string_view top_;
  boost::json::basic_parser<Walker> json_;
  std::uint64_t consumed_ = 0;
  std::optional<base::Error> failed_;
};

}  // namespace contrail::answer
