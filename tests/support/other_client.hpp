#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/config-api/config_api.hpp"

namespace knm::test {

// Somebody else who writes to the config API: another cluster, a tool, a person.
class OtherClient {
 public:
  explicit OtherClient(standin::ConfigApi& api) : api_(api) {}

  // The object of a type by fq_name ("a:b:c"); throws where there is none.
  nlohmann::json get(const std::string& type, const std::string& fq_name) const;
  bool has(const std::string& type, const std::string& fq_name) const;
  // All of a type, as "a:b:c".
  std::vector<std::string> names(const std::string& type) const;

  // Each throws std::runtime_error with the server's words where it is refused.
  std::string create(const std::string& type, nlohmann::json fields);  // its uuid
  void put(const std::string& type, const std::string& fq_name, const nlohmann::json& fields);
  void reference(const std::string& operation, const std::string& type, const std::string& fq_name,
                 const std::string& target_type, const std::string& target_fq_name,
                 const nlohmann::json& attr = nullptr);
  void annotate(const std::string& type, const std::string& fq_name, const std::string& key, const std::string& value);
  void remove_annotation(const std::string& type, const std::string& fq_name, const std::string& key);
  void remove(const std::string& type, const std::string& fq_name);
  // With everything below it and everything that refers to it; how many objects that were.
  std::size_t remove_with_dependents(const std::string& type, const std::string& fq_name);

 private:
  std::string request(const std::string& method, const std::string& target, const nlohmann::json& body);
  standin::ConfigApi& api_;
};

std::string joined(const nlohmann::json& fq_name);      // "a:b:c"
nlohmann::json split_name(const std::string& fq_name);  // ["a","b","c"]

}  // namespace knm::test
