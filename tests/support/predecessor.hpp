#pragma once

#include <map>
#include <string>

#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// What the Go program wrote for guestbook, as it was recorded (data/predecessor-guestbook.json), and the cluster that
// it wrote it for. Its virtual-machines are below projects there; a server of today allows their names one element, so
// that they are called `<namespace>__<pod>` here.
class Predecessor {
 public:
  explicit Predecessor(const std::string& path);  // of the recorded objects

  // The settings that it was run with.
  static Settings settings();
  // Its objects, with their uuids.
  void write(OtherClient& api) const;
  // The Namespaces, Pods (all Ready) and Services, with the UIDs and addresses that they had.
  void apply(World& world) const;

  // uuid of every object that it wrote, by "<type> <name as written here>"; without those that a server has from its
  // start.
  const std::map<std::string, std::string>& uuids() const { return uuids_; }

 private:
  static std::string name_of(const nlohmann::json& object);
  std::string uuid(const std::string& key) const { return uuids_.at(key); }

  nlohmann::json objects_;
  std::map<std::string, std::string> uuids_;
};

}  // namespace knm::test
