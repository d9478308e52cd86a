#include "contrail-client/dependents.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "contrail-client/error.hpp"

namespace contrail {
namespace {

using nlohmann::json;

// "virtual_machine_interface_back_refs" and "virtual_networks" are lists of dependents; "virtual_network_refs" lists
// the targets of the object's own references.
std::optional<std::string> type_of_member(std::string member) {
  constexpr std::string_view back = "_back_refs";
  if (member.ends_with(back))
    member.resize(member.size() - back.size());
  else if (member.ends_with("_refs") || !member.ends_with('s'))
    return std::nullopt;
  else
    member.pop_back();
  std::replace(member.begin(), member.end(), '_', '-');
  return member;
}

std::optional<Dependent> dependent_of(const std::string& type, const json& item) {
  if (!item.is_object() || !item.contains("to") || !item.contains("uuid") || !item["uuid"].is_string())
    return std::nullopt;
  Dependent out;
  out.type = type;
  for (const auto& element : item["to"])
    if (element.is_string()) out.name += (out.name.empty() ? "" : ":") + element.get<std::string>();
  const auto uuid = Uuid::parse(item["uuid"].get_ref<const std::string&>());
  if (!uuid) return std::nullopt;
  out.uuid = *uuid;
  return out;
}

}  // namespace

Request read_dependents(Type type, const Uuid& uuid) {
  return {
      .method = "GET", .target = "/" + std::string(name(type)) + "/" + uuid.text() + "?exclude_hrefs=true", .body = {}};
}

Result<std::vector<Dependent>> parse_dependents(Type type, std::string_view body) {
  const auto answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const std::string wrapper(name(type));
  if (!answer.is_object() || !answer.contains(wrapper) || !answer[wrapper].is_object())
    return Error{.code = errc::wrong_shape,
                 .message = "answer with the dependents of a " + wrapper + ": the member is missing"};
  std::vector<Dependent> out;
  for (const auto& [member, list] : answer[wrapper].items()) {
    const auto kind = list.is_array() ? type_of_member(member) : std::nullopt;
    if (!kind) continue;
    for (const auto& item : list)
      if (auto dependent = dependent_of(*kind, item)) out.push_back(std::move(*dependent));
  }
  return out;
}

}  // namespace contrail
