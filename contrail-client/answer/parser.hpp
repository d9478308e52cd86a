#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/basic_parser_impl.hpp>

#include "contrail-client/answer/walker.hpp"
#include "k8sclient/base/result.hpp"

namespace contrail::answer {

// An incremental JSON parser with a walker as its handler. Included by two .cpp files only: it is heavy.
class Parser {
 public:
  Parser(Type type, Form form, Walker::Complete complete, Walker::Unfit unfit = {});

  k8s::Result<void> feed(std::string_view bytes);
  k8s::Result<void> finish();
  std::uint64_t objects() const { return json_.handler().objects(); }

 private:
  k8s::Result<void> fail(errc code, std::string message);
  k8s::Result<void> explain(const boost::json::error_code& error, std::string_view rest);

  std::string what_;  // "list of virtual-networks", for messages
  std::string_view top_;
  boost::json::basic_parser<Walker> json_;
  std::uint64_t consumed_ = 0;
  std::optional<k8s::Error> failed_;
};

}  // namespace contrail::answer
