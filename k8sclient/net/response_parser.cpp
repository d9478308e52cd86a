#include "k8sclient/net/response_parser.hpp"

#include <boost/system/errc.hpp>

namespace k8s::net {

std::size_t ResponseParser::deliver(string_view body, error_code& ec) {
  body_bytes += body.size();
  if (body.empty() || !sink) return body.size();
  if (auto taken = (*sink)({body.data(), body.size()}); !taken) {
    sink_error = taken.error();
    ec = make_error_code(boost::system::errc::operation_canceled);
    return 0;
  }
  return body.size();
}

}  // namespace k8s::net
