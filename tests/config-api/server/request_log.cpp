#include "tests/config-api/server/request_log.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace standin {

RequestLog::RequestLog(const std::string& path) : file_(path, std::ios::app | std::ios::binary) {
  if (!file_) throw std::runtime_error("request log " + path + ": cannot be written: " + std::strerror(errno));
}

void RequestLog::write(const Request& request, int status, std::optional<Fault> fault) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
  nlohmann::ordered_json line = {{"sequence", ++sequence_},  {"ms", elapsed.count()}, {"method", request.method},
                                 {"target", request.target}, {"body", request.body},  {"status", status}};
  if (fault) line["fault"] = name_of(*fault);
  file_ << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n' << std::flush;
}

}  // namespace standin
