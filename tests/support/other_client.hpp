#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/config-api/config_api.hpp"

namespace knm::test {

// Another client of the config API: another cluster, a tool or a person.
class OtherClient {
 public:
  // `answered` hears each answer, for the notifications that follow from it.
  using Answered = std::function<void(const standin::Response&)>;
  explicit OtherClient(standin::ConfigApi& api, Answered answered = {}) : api_(api), answered_(std::move(answered)) {}

  // The object of a type by fq_name ("a:b:c"); throws if it does not exist.
  nlohmann::json get(const std::string& type, const std::string& fq_name) const;
  bool has(const std::string& type, const std::string& fq_name) const;
  // All names of a type, as "a:b:c".
  std::vector<std::string> names(const std::string& type) const;

  // Each function throws std::runtime_error with the server's message if the request is refused.
  std::string create(const std::string& type, nlohmann::json fields);  // returns the uuid
  void put(const std::string& type, const std::string& fq_name, const nlohmann::json& fields);
  void reference(const std::string& operation, const std::string& type, const std::string& fq_name,
                 const std::string& target_type, const std::string& target_fq_name,
                 const nlohmann::json& attr = nullptr);
  void annotate(const std::string& type, const std::string& fq_name, const std::string& key, const std::string& value);
  void remove_annotation(const std::string& type, const std::string& fq_name, const std::string& key);
  void remove(const std::string& type, const std::string& fq_name);
  // Removes the object with all its descendants and all objects that refer to them; returns the number of objects.
  std::size_t remove_with_dependents(const std::string& type, const std::string& fq_name);

 private:
  std::string request(const std::string& method, const std::string& target, const nlohmann::json& body);
  standin::ConfigApi& api_;
  Answered answered_;
};

std::string joined(const nlohmann::json& fq_name);      // "a:b:c"
nlohmann::json split_name(const std::string& fq_name);  // ["a","b","c"]

}  // namespace knm::test
