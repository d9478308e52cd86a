#include "tests/config-api/server/service.hpp"

namespace standin {

Service::Service(const Options& options) : api_(options.seed) {
  faults_.change(options.faults);
  if (!options.state.empty()) state_ = std::make_unique<StateFile>(options.state, api_);
  if (!options.request_log.empty()) log_ = std::make_unique<RequestLog>(options.request_log);
  freeze_if_due();
}

Course Service::begin(const Request& request) {
  Course course{classify(request.method, request.target), std::nullopt, 0};
  stats_.arrived(request.method, course.kind);
  course.latency_ms = faults_.take_latency();
  course.fault = faults_.decide(course.kind);
  return course;
}

Response Service::execute(const Request& request, const Kind& kind) {
  Response response = api_.handle(request);
  notify(response.changes);
  if (!kind.write) return response;
  if (state_) state_->append(request);
  stats_.wrote(response.status);
  faults_.count_write();
  freeze_if_due();
  return response;
}

void Service::notify(const std::vector<Change>& changes) {
  const auto now = std::chrono::steady_clock::now();
  for (const Change& change : changes) {
    for (WatchStream* stream : streams_) {
      for (const auto delay : faults_.decide_event(change.type)) stream->note(change, now + delay);
    }
  }
}

Response Service::answer_of(Fault fault) const {
  const FaultRule& rule = faults_.rule(fault);
  Response response{rule.status, "text/html", "injected fault: " + std::string(name_of(fault)), {}};
  if (rule.retry_after > 0) response.headers.emplace_back("Retry-After", std::to_string(rule.retry_after));
  return response;
}

void Service::end(const Request& request, int status, std::optional<Fault> fault) {
  stats_.ended(status);
  if (log_) log_->write(request, status, fault);
}

void Service::save() {
  if (state_) state_->save(api_);
}

void Service::freeze_if_due() {
  if (frozen_ || !faults_.freeze_due()) return;
  frozen_ = true;
  if (on_freeze) on_freeze();
}

void Service::thaw() {
  frozen_ = false;
  faults_.never_freeze();
}

}  // namespace standin
