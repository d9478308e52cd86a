#include "controller/engine/problem_book.hpp"

#include <algorithm>
#include <utility>

#include "base/cut.hpp"

namespace knm {
namespace {

constexpr std::size_t longest_message = 2000;  // bytes: twice what an Event shows

}  // namespace

std::string_view name(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::ns:
      return "Namespace";
    case SubjectKind::pod:
      return "Pod";
    case SubjectKind::service:
      return "Service";
    case SubjectKind::slice:
      return "EndpointSlice";
  }
  return "";
}

bool ProblemBook::set(const Subject& subject, std::string_view uid, std::string_view source,
                      std::vector<Problem> problems) {
  for (auto& problem : problems)
    if (problem.message.size() > longest_message)
      problem.message = std::string(base::cut(problem.message, longest_message)) + "…";
  if (const auto known = pages_.find(subject); known != pages_.end() && known->second.uid != uid) forget(subject);
  const auto known = pages_.find(subject);
  if (problems.empty()) {
    if (known == pages_.end()) return false;
    auto& by_source = known->second.by_source;
    const auto said = by_source.find(source);
    if (said == by_source.end()) return false;
    count(known->second, false);
    by_source.erase(said);
    count(known->second, true);
    if (by_source.empty()) pages_.erase(known);
  } else {
    auto& page = known == pages_.end() ? pages_[subject] : known->second;
    page.uid = uid;
    auto& said = page.by_source[std::string(source)];
    if (said == problems) return false;
    count(page, false);
    said = std::move(problems);
    count(page, true);
  }
  changed_.insert(subject);
  return true;
}

void ProblemBook::forget(const Subject& subject) {
  const auto known = pages_.find(subject);
  if (known == pages_.end()) return;
  count(known->second, false);
  pages_.erase(known);
  changed_.insert(subject);
}

void ProblemBook::count(const Page& page, bool in) {
  for (const auto& problem : page.all()) {
    if (problem.notice) {
      in ? ++notices_ : --notices_;
      continue;
    }
    auto& of_reason = by_reason_[problem.reason];
    in ? ++of_reason : --of_reason;
    in ? ++total_ : --total_;
    if (of_reason == 0) by_reason_.erase(problem.reason);
  }
}

std::vector<Problem> ProblemBook::Page::all() const {
  std::vector<Problem> out;
  for (const auto& [source, problems] : by_source)
    for (const auto& problem : problems)
      if (std::find(out.begin(), out.end(), problem) == out.end()) out.push_back(problem);
  return out;
}

}  // namespace knm
