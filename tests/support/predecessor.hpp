#pragma once

#include <map>
#include <string>

#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// The recorded objects that the Go program wrote for guestbook (data/predecessor-guestbook.json), and the cluster for
// which it wrote them. There its virtual machines are children of projects. Current servers allow only one element in
// their names, so they are called `<namespace>__<pod>` here.
class Predecessor {
 public:
  explicit Predecessor(const std::string& path);  // of the recorded objects

  // The settings of the recorded run.
  static Settings settings();
  // Creates its objects with their uuids.
  void write(OtherClient& api) const;
  // Applies the Namespaces, Pods (all ready) and Services with their recorded UIDs and addresses.
  void apply(World& world) const;

  // The uuid of every object that it wrote, by "<type> <name as written here>", without objects that every server has
  // from its start.
  const std::map<std::string, std::string>& uuids() const { return uuids_; }

 private:
  static std::string name_of(const nlohmann::json& object);
  std::string uuid(const std::string& key) const { return uuids_.at(key); }

  nlohmann::json objects_;
  std::map<std::string, std::string> uuids_;
};

}  // namespace knm::test
