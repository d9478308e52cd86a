#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/unit/k8sclient/support/answering_server.hpp"

namespace test {

// One Lease as an API server has it: creates and updates are subject to its resourceVersion.
struct LeaseObject {
  nlohmann::json object;  // null: there is none
  std::uint64_t version = 100;

  HttpAnswer answer(const HttpCall& call) {
    if (call.method == "GET") return object.is_null() ? refuse(404, "NotFound") : HttpAnswer{200, object.dump()};
    const auto sent = nlohmann::json::parse(call.body);
    if (call.method == "POST") {
      if (!object.is_null()) return refuse(409, "AlreadyExists");
    } else {
      if (object.is_null()) return refuse(404, "NotFound");
      if (version_of(sent) != version_of(object)) return refuse(409, "Conflict");
    }
    put(sent);
    return {200, object.dump()};
  }
  void put(nlohmann::json to) {
    object = std::move(to);
    object["metadata"]["resourceVersion"] = std::to_string(++version);
  }
  // Another instance takes it.
  void give_to(const std::string& holder) {
    auto taken = object;
    taken["spec"]["holderIdentity"] = holder;
    put(std::move(taken));
  }
  std::string holder() const { return object.is_null() ? "" : object["spec"].value("holderIdentity", ""); }

 private:
  static std::string version_of(const nlohmann::json& lease) {
    return lease.at("metadata").value("resourceVersion", "");
  }
  static HttpAnswer refuse(int code, const std::string& reason) {
    const nlohmann::json status{{"kind", "Status"}, {"apiVersion", "v1"}, {"reason", reason}, {"code", code}};
    return {code, status.dump()};
  }
};

}  // namespace test
