#include "controller/events/notice.hpp"

#include <algorithm>
#include <cctype>

#include "base/cut.hpp"
#include "contrail-client/uuid.hpp"
#include "controller/intent/labels.hpp"

namespace knm {
namespace {

constexpr std::string_view controller_name = "opencontrail.org/kube-network-manager";
constexpr std::string_view action = "Networking";
constexpr std::size_t max_name = 253;

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

Notice notice_of(const Subject& subject, std::string_view uid, const Problem& problem) {
  return {subject, std::string(uid), !problem.notice, problem.reason, k8s::fit_note(problem.message)};
}

std::string event_name(const Notice& notice) {
  const auto id = contrail::uuid_v5({}, notice.uid + " " + notice.reason + " " + notice.note).text();
  std::string suffix = "." + id;
  suffix.erase(std::remove(suffix.begin(), suffix.end(), '-'), suffix.end());
  std::string name(name_of(notice.subject.key));
  name.resize(base::cut(name, max_name - suffix.size()).size());
  while (!name.empty() && !is_letter_or_digit(name.back())) name.pop_back();
  return name + suffix;
}

k8s::Event event_of(const Notice& notice, std::string_view instance, k8s::WallTime time) {
  constexpr std::size_t max_instance = 128;
  const bool namespaced = notice.subject.kind != SubjectKind::ns;
  k8s::Event event;
  event.name = event_name(notice);
  const bool is_slice = notice.subject.kind == SubjectKind::slice;
  event.regarding = {is_slice ? "discovery.k8s.io/v1" : "v1", std::string(name(notice.subject.kind)),
                     namespaced ? std::string(ns_of(notice.subject.key)) : "", std::string(name_of(notice.subject.key)),
                     notice.uid};
  event.warning = notice.warning;
  event.reason = notice.reason;
  event.action = action;
  event.note = notice.note;
  event.reporting_controller = controller_name;
  event.reporting_instance = base::cut(instance, max_instance);
  event.time = time;
  return event;
}

}  // namespace knm
