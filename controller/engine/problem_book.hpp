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

// The Kubernetes object that is to blame, or that somebody looks at to find out.
struct Subject {
  SubjectKind kind = SubjectKind::service;
  ObjectKey key;  // "ns/name"; a Namespace's name
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// What cannot be honoured now, by object and by who says so: a state, not a history. Whoever finds something out sets
// all that it has to say of an object; whoever tells people (Events, metrics, the report) compares with what it told.
class ProblemBook {
 public:
  struct Page {
    std::string uid;                                                     // of the object that is meant
    std::map<std::string, std::vector<Problem>, std::less<>> by_source;  // never empty
    std::vector<Problem> all() const;  // each once, in the order of the sources' names
  };

  // Replaces what `source` says of an object; with an empty list it has nothing to say any longer. What was said of
  // another object of the same name (another UID) is forgotten. Whether that is anything new.
  bool set(const Subject& subject, std::string_view uid, std::string_view source, std::vector<Problem> problems);
  // The object is gone.
  void forget(const Subject& subject);

  const std::map<Subject, Page>& pages() const { return pages_; }
  // How many problems there are, in all and by reason: kept as they come and go.
  std::size_t total() const { return total_; }
  // And of what is not wrong, but good to know.
  std::size_t notices() const { return notices_; }
  const std::map<std::string, std::size_t>& by_reason() const { return by_reason_; }
  // Objects of which something else is said than at the last call.
  std::set<Subject> take_changed() { return std::exchange(changed_, {}); }

 private:
  void count(const Page& page, bool in);

  std::map<Subject, Page> pages_;
  std::map<std::string, std::size_t> by_reason_;
  std::size_t total_ = 0, notices_ = 0;
  std::set<Subject> changed_;
};

}  // namespace knm
