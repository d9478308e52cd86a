#include "tests/config-api/core/references.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/body.hpp"

namespace standin {
namespace {

using nlohmann::json;

Outcome<Uuid> target_by_name(const Database& database, const ReferenceInfo& info, const json& entry) {
  const auto to = entry.find("to");
  const auto fq_name = to != entry.end() ? read_texts(*to) : std::nullopt;
  if (!fq_name) return Refusal{500, info.field + ": a reference without to"};
  const Object* target = database.find(info.target, *fq_name);
  if (target == nullptr) {
    return Refusal{entry.contains("uuid") ? 500 : 400, info.field + ": unable to find " + to->dump()};
  }
  return target->uuid;
}

Outcome<Uuid> target_of(const Database& database, const ReferenceInfo& info, const json& entry, Decides decides) {
  const std::string* given = text_of(entry, "uuid");
  if (decides == Decides::name || given == nullptr) return target_by_name(database, info, entry);
  const auto uuid = parse_uuid(*given);
  if (!uuid) return Refusal{500, info.field + ": badly formed uuid " + *given};
  return *uuid;
}

Outcome<Reference> read_reference(const Database& database, const ReferenceInfo& info, const json& entry,
                                  Decides decides) {
  if (!entry.is_object()) return Refusal{400, info.field + ": an entry that is no object"};
  Reference reference{info.target, Uuid{}};
  if (info.attr) {
    const auto attr = entry.find("attr");
    if (attr == entry.end()) return Refusal{400, info.field + ": a reference without attr"};
    if (auto refusal = check_attr(info, *attr)) return *refusal;
    reference.attr = attr->dump();
  }
  const auto target = target_of(database, info, entry, decides);
  if (!target) return target.error();
  reference.target = *target;
  return reference;
}

}  // namespace

std::optional<std::vector<std::string>> read_texts(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const json& element : value) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::optional<Refusal> check_attr(const ReferenceInfo& info, const json& attr) {
  if (!info.attr) return std::nullopt;
  const auto fault = find_fault(*info.attr, attr, info.field + ".attr");
  return fault ? std::optional(Refusal{400, *fault}) : std::nullopt;
}

void add_or_replace(std::vector<Reference>& references, Reference reference) {
  const auto same = std::ranges::find(references, reference.target, &Reference::target);
  if (same != references.end()) {
    *same = std::move(reference);
  } else {
    references.push_back(std::move(reference));
  }
}

Outcome<std::vector<Reference>> read_references(const Database& database, const ReferenceInfo& info, const json& list,
                                                Decides decides) {
  std::vector<Reference> references;
  if (list.is_null()) return references;
  if (!list.is_array()) return Refusal{400, info.field + ": expected a list"};
  for (const json& entry : list) {
    auto reference = read_reference(database, info, entry, decides);
    if (!reference) return reference.error();
    add_or_replace(references, std::move(*reference));
  }
  return references;
}

}  // namespace standin
