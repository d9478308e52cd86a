#include "tests/support/other_client.hpp"

#include <stdexcept>

namespace knm::test {

using nlohmann::json;

std::string joined(const json& fq_name) {
  std::string out;
  for (const auto& element : fq_name) out += (out.empty() ? "" : ":") + element.get<std::string>();
  return out;
}

json split_name(const std::string& fq_name) {
  json out = json::array();
  for (std::size_t from = 0; from <= fq_name.size();) {
    const auto colon = std::min(fq_name.find(':', from), fq_name.size());
    out.push_back(fq_name.substr(from, colon - from));
    from = colon + 1;
  }
  return out;
}

std::string OtherClient::request(const std::string& method, const std::string& target, const json& body) {
  const auto response = api_.handle({method, target, "localhost:8082", body.is_null() ? "" : body.dump(), {}});
  if (response.status != 200)
    throw std::runtime_error(method + " " + target + ": " + std::to_string(response.status) + " " + response.body);
  if (answered_) answered_(response);
  return response.body;
}

json OtherClient::get(const std::string& type, const std::string& fq_name) const {
  const auto dump = json::parse(api_.dump());
  for (const auto& object : dump.value(type, json::array()))
    if (joined(object["fq_name"]) == fq_name) return object;
  throw std::runtime_error("there is no " + type + " " + fq_name);
}

bool OtherClient::has(const std::string& type, const std::string& fq_name) const {
  for (const auto& name : names(type))
    if (name == fq_name) return true;
  return false;
}

std::vector<std::string> OtherClient::names(const std::string& type) const {
  std::vector<std::string> out;
  const auto dump = json::parse(api_.dump());
  for (const auto& object : dump.value(type, json::array())) out.push_back(joined(object["fq_name"]));
  return out;
}

std::string OtherClient::create(const std::string& type, json fields) {
  const auto answer = json::parse(request("POST", "/" + type + "s", {{type, std::move(fields)}}));
  return answer[type]["uuid"];
}

void OtherClient::put(const std::string& type, const std::string& fq_name, const json& fields) {
  request("PUT", "/" + type + "/" + get(type, fq_name)["uuid"].get<std::string>(), {{type, fields}});
}

void OtherClient::reference(const std::string& operation, const std::string& type, const std::string& fq_name,
                            const std::string& target_type, const std::string& target_fq_name, const json& attr) {
  request("POST", "/ref-update",
          {{"type", type},
           {"uuid", get(type, fq_name)["uuid"]},
           {"ref-type", target_type},
           {"ref-uuid", get(target_type, target_fq_name)["uuid"]},
           {"operation", operation},
           {"attr", attr}});
}

void OtherClient::annotate(const std::string& type, const std::string& fq_name, const std::string& key,
                           const std::string& value) {
  request("POST", "/prop-collection-update",
          {{"uuid", get(type, fq_name)["uuid"]},
           {"updates",
            {{{"field", "annotations"},
              {"operation", "set"},
              {"value", {{"key", key}, {"value", value}}},
              {"position", key}}}}});
}

void OtherClient::remove_annotation(const std::string& type, const std::string& fq_name, const std::string& key) {
  request("POST", "/prop-collection-update",
          {{"uuid", get(type, fq_name)["uuid"]},
           {"updates", {{{"field", "annotations"}, {"operation", "delete"}, {"position", key}}}}});
}

void OtherClient::remove(const std::string& type, const std::string& fq_name) {
  request("DELETE", "/" + type + "/" + get(type, fq_name)["uuid"].get<std::string>(), nullptr);
}

std::size_t OtherClient::remove_with_dependents(const std::string& type, const std::string& fq_name) {
  const auto uuid = get(type, fq_name)["uuid"].get<std::string>();
  std::size_t count = 0;
  const auto dump = json::parse(api_.dump());
  for (const auto& [other_type, objects] : dump.items())
    for (const auto& object : objects) {
      bool depends = object.value("parent_uuid", "") == uuid;
      for (const auto& [member, value] : object.items())
        if (member.ends_with("_refs"))
          for (const auto& reference : value) depends |= reference["uuid"] == uuid;
      // An earlier removal may have removed this dependent as well.
      const auto name = joined(object["fq_name"]);
      if (depends && has(other_type, name)) count += remove_with_dependents(other_type, name);
    }
  remove(type, fq_name);
  return count + 1;
}

}  // namespace knm::test
