#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/intent/facts.hpp"

namespace knm {

enum class SubjectKind : std::uint8_t { service, pod, ns, slice };
std::string_view name(SubjectKind kind);  // "Namespace", "Pod", "Service", "EndpointSlice"

// The Kubernetes object that causes a problem, or at which a user would look for one.
struct Subject {
  SubjectKind kind = SubjectKind::service;
  ObjectKey key;  // "ns/name"; a Namespace's name
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// The present problems, by object and by source: a state, not a history. A source sets all its problems of an object at
// once; a consumer (Events, metrics, the report) compares them with what it has reported.
class ProblemBook {
 public:
  struct Page {
    std::string uid;                                                     // of the object
    std::map<std::string, std::vector<Problem>, std::less<>> by_source;  // never empty
    std::vector<Problem> all() const;  // each once, in the order of the sources' names
  };

  // Replaces the problems of an object from `source`; an empty list removes them. Problems of another object of the
  // same name (another UID) are dropped. Returns whether anything changed.
  bool set(const Subject& subject, std::string_view uid, std::string_view source, std::vector<Problem> problems);
  // The object is deleted.
  void forget(const Subject& subject);

  const std::map<Subject, Page>& pages() const { return pages_; }
  // The number of problems, in all and by reason; kept up to date.
  std::size_t total() const { return total_; }
  // The number of notices, which are no problems.
  std::size_t notices() const { return notices_; }
  const std::map<std::string, std::size_t>& by_reason() const { return by_reason_; }
  // The objects whose problems have changed since the last call.
  std::set<Subject> take_changed() { return std::exchange(changed_, {}); }

 private:
  void count(const Page& page, bool in);

  std::map<Subject, Page> pages_;
  std::map<std::string, std::size_t> by_reason_;
  std::size_t total_ = 0, notices_ = 0;
  std::set<Subject> changed_;
};

}  // namespace knm
