#include "controller/engine/request_builder.hpp"

#include <algorithm>

#include "contrail-client/dependents.hpp"

namespace knm {
namespace {

using contrail::Field;
using contrail::Object;
using contrail::Type;

// The digests of a body. For a policy with owned rules only they are the desired ones: so the ids of thousands of rules
// are not derived again.
FieldDigests items_sent(const Entry& entry, const Object& object) {
  const bool is_ours = entry.is_desired() && entry.type() == Type::network_policy &&
                       entry.cold().foreign_rules.empty() && entry.cold().kept_rules.empty();
  return is_ours ? entry.desired() : digests_of(object);
}

}  // namespace

// The object without the references to objects that do not exist yet: these are added later.
Object RequestBuilder::available(Object object) const {
  const auto own = table_.find(object.type, object.fq_name);
  const auto missing = [&](Field field, const contrail::FqName& name) {
    const auto id = table_.find(target_of(field), name);
    if (id == no_slot || is_ready(table_[id])) return id == no_slot;
    // A member stays as long as something must be done about it.
    return !is_in_place(table_[id]) || !table_[own].observed().find(reference_digest(field, table_[id].name()).key);
  };
  std::erase_if(object.policies, [&](const auto& reference) { return missing(Field::policies, reference.to); });
  if (object.type == Type::floating_ip)
    std::erase_if(object.interfaces, [&](const auto& reference) { return missing(Field::interfaces, reference.to); });
  return object;
}

// With the names in the config API: those of machines that the predecessor made are not derived.
Object RequestBuilder::as_named(Object object) const {
  for (auto& reference : object.machines)
    if (const auto id = table_.find(Type::virtual_machine, reference.to); id != no_slot)
      reference.to = binder_.loader().adopted().name_of_machine(id);
  return object;
}

contrail::Request RequestBuilder::request_for(SlotId id, const Action& action, InFlight& request) const {
  const auto& entry = table_[id];
  switch (action.step) {
    case Step::create: {
      const auto object = available(binder_.bodies().object(id));
      request.sent = items_sent(entry, object);
      return contrail::create(as_named(object));
    }
    case Step::put: {
      const auto object = available(binder_.bodies().object(id));
      request.sent = items_sent(entry, object).only(action.fields);
      return contrail::put(as_named(object), entry.uuid(), action.fields);
    }
    case Step::ref_add:
    case Step::ref_remove: {
      const bool adding = action.step == Step::ref_add;
      const auto& target = table_[action.slot];
      const auto sequence =
          adding && action.field == Field::policies ? std::optional(contrail::Sequence{}) : std::nullopt;
      if (adding)
        if (const auto* item = entry.desired().find(reference_digest(action.field, target.name()).key))
          request.sent = {*item};
      return contrail::ref_update(entry.type(), entry.uuid(), action.field, target.uuid(),
                                  adding ? contrail::Operation::add : contrail::Operation::remove, sequence);
    }
    case Step::annotate: {
      std::map<std::string, std::optional<std::string>> keys;
      auto object = binder_.bodies().object(id);
      if (is_former_and_obsolete(entry)) {
        object.annotations = binder_.bodies().owner_annotation(id);
        request.signs_alone = true;
        request.ids = {entry.uuid(), entry.identity()};
      } else if (!entry.is_desired()) {
        object.annotations = binder_.bodies().leftover_annotations(id);
        request.ids.uuid = {};
        request.ids.identity = identity_of(text_of(object.annotations, annotation_uid));
      }
      for (const auto& [key, value] : object.annotations) keys.emplace(key, value);
      request.sent = digests_of(object).only({Field::annotations});
      return contrail::set_annotations(entry.uuid(), keys);
    }
    case Step::remove:
      return contrail::remove(entry.type(), entry.uuid());
    case Step::list_dependents:
      return contrail::read_dependents(entry.type(), entry.uuid());
    default:
      break;
  }
  if (entry.verification() == Verify::duplicate_by_name) return contrail::name_to_id(entry.type(), entry.name());
  return contrail::read(entry.type(), entry.uuid());
}

PodPatch RequestBuilder::patch_for(SlotId id, Step step, bool ask_who, InFlight& request) const {
  const auto& entry = table_[id];
  const auto& pod = *intent_.pod(entry.name());
  PodPatch patch{pod.ns, std::string(pod.name), pod.uid, std::nullopt, ask_who};
  if (step == Step::patch)
    if (auto text = binder_.bodies().text(id); !text.empty()) patch.state = std::move(text);
  request.object_uid = pod.uid;
  request.shown = pod.resource_version;
  request.sent = digests_of_text(patch.state.value_or(""));
  return patch;
}

StatusPatch RequestBuilder::status_for(SlotId id, bool ask_who, InFlight& request) const {
  const auto& service = *intent_.service(table_[id].name());
  StatusPatch patch{service.ns, service.name, service.uid, {}, {}, ask_who};
  const auto text = binder_.bodies().text(id);
  patch.addresses = addresses_in(text);
  if (binder_.load_balancers().of(table_[id].name()).leaving && !service.wants_load_balancer)
    patch.shown = addresses_in(service.status);
  request.object_uid = service.uid;
  request.shown = service.resource_version;
  request.sent = digests_of_text(text);
  return patch;
}

}  // namespace knm
