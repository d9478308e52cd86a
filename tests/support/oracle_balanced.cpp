#include <algorithm>

#include "tests/support/oracle.hpp"
#include "tests/support/oracle_address.hpp"

namespace knm::test {
namespace {

char family_of(const std::string& text) { return text.find(':') == std::string::npos ? '4' : '6'; }

class Statuses {
 public:
  Statuses(const Picture& expected, const Cluster& cluster, const OracleSettings& settings)
      : cluster_(cluster), settings_(settings) {
    const auto& network = settings.public_network;
    for (const auto& [name, fields] : expected) {
      if (name.rfind("floating-ip ", 0) != 0) continue;
      const auto mark = fields["mark"].get<std::string>();  // "Service <uid> <ns>/<name>"
      served_.insert(mark.substr(mark.rfind(' ') + 1));
      if (name.rfind("floating-ip " + network + ":", 0) != 0) continue;
      ++owners_[fields["address"]];
      const auto key = mark.substr(mark.rfind(' ') + 1);
      ++of_namespaces_[key.substr(0, key.find('/'))];
    }
  }

  std::vector<std::string> wrong(const ReportedProblems& problems) {
    for (const auto& [address, count] : owners_)
      if (count > 1) out_.push_back(std::to_string(count) + " Services have " + address);
    for (const auto& [ns, count] : of_namespaces_)
      if (count > settings_.public_address_limit)
        out_.push_back(ns + " has " + std::to_string(count) + " public addresses");
    for (const auto& [key, service] : cluster_.services) {
      const bool is_served_class = service.has_load_balancer_class
                                       ? service.load_balancer_class == settings_.load_balancer_class
                                       : settings_.load_balancer_default;
      if (service.type == k8s::ServiceType::load_balancer && is_served_class && served_.count(key) > 0)
        judge(key, service, problems.count(key) > 0 ? problems.at(key) : std::vector<ReportedProblem>());
    }
    return std::move(out_);
  }

 private:
  bool is_given_out(const std::string& text) const {
    const auto address = Number::parse(text);
    for (const auto& range_text : settings_.public_ranges) {
      const auto range = Range::parse(range_text);
      if (address && range.contains(*address)) return *address != range.first && *address <= range.last.minus(3);
    }
    return false;
  }

  // The families of the ClusterIPs that have a public range, as "46".
  std::string families(const k8s::Service& service) const {
    std::string out;
    for (const auto& range : settings_.public_ranges)
      for (const auto& text : service.cluster_ips)
        if (const char family = family_of(text); family == family_of(range) && out.find(family) == std::string::npos)
          out += family;
    return out;
  }

  void judge(const std::string& key, const k8s::Service& service, const std::vector<ReportedProblem>& problems) {
    auto missing = families(service);
    const bool none_has_a_range = missing.empty();
    const auto say = [&](const std::string& text) { out_.push_back(key + ": " + text); };
    for (const auto& text : service.ingress) {
      if (!is_given_out(text)) say("cannot be given out: " + text);
      const auto family = missing.find(family_of(text));
      if (family == std::string::npos)
        say("one too many: " + text);
      else
        missing.erase(family, 1);
    }
    const auto is_said = [&](const std::string& reason, const std::string& of) {
      return std::any_of(problems.begin(), problems.end(), [&](const ReportedProblem& problem) {
        return problem.reason.rfind(reason, 0) == 0 && problem.text.find(of) != std::string::npos;
      });
    };
    const auto& request = service.load_balancer_ip;
    const bool refused = !request.empty() && is_said("Address", request);
    if (none_has_a_range && !is_said("NoPublicAddress", "") && !is_said("InvalidLoadBalancerIP", ""))
      say("no address, for no family has a range, and no word");
    // A Service that requests an unavailable address gets no other address of this family.
    for (const char family : missing)
      if (!is_said("NoPublicAddress", std::string("IPv") + family) && !(refused && family_of(request) == family) &&
          !is_said("PublicAddressLimit", std::string("IPv") + family))
        say(std::string("no address of IPv") + family + ", and no word");
    if (!request.empty() && std::count(service.ingress.begin(), service.ingress.end(), request) == 0 && !refused &&
        !is_said("InvalidLoadBalancerIP", "") &&
        !is_said("PublicAddressLimit", std::string("IPv") + family_of(request)))
      say("not the requested " + request + ", and no word");
  }

  const Cluster& cluster_;
  const OracleSettings& settings_;
  std::set<std::string> served_;                      // Services that have an address, "ns/name"
  std::map<std::string, int> owners_;                 // the number of each public address
  std::map<std::string, std::size_t> of_namespaces_;  // the number of each Namespace
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> wrong_statuses(const Picture& expected, const Cluster& cluster, const OracleSettings& settings,
                                        const ReportedProblems& problems) {
  return Statuses(expected, cluster, settings).wrong(problems);
}

}  // namespace knm::test
