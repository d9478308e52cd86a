#pragma once

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/bind/binder.hpp"

namespace knm {

// Collects the entries that a unit makes desired; its other former entries are released at the end.
class Binder::Rebinding {
 public:
  Rebinding(Binder& binder, const Unit& unit) : binder_(binder) {
    std::tie(key_, binding_) = binder.bindings_.make(unit);
    before_ = std::move(binding_->slots);
    binding_->slots.clear();
  }

  Binding& binding() { return *binding_; }

  Source source(Role role, std::uint32_t index = 0) const { return {static_cast<std::uint8_t>(role), index, key_}; }

  // An entry that is desired for another unit, and to whose content this one contributes.
  void refresh(SlotId id) {
    const auto source = binder_.table_[id].source();
    if (binder_.want(id, source, binder_.bodies_.from(source))) touched_.push_back(id);
  }

  SlotId object(Role role, std::uint32_t index = 0) {
    const auto source = this->source(role, index);
    const auto object = binder_.bodies_.from(source);
    const auto id = binder_.table_.slot(object.type, object.fq_name);
    note(id, binder_.want(id, source, object));
    return id;
  }

  // A text that is written to the unit's own Kubernetes object.
  void text(TargetApi api, Role role, std::vector<Dependency> dependencies) {
    const auto id = binder_.table_.slot(api, contrail::Type::project, *key_);
    binder_.table_[id].share_name(*key_);
    note(id, binder_.want_text(id, source(role), std::move(dependencies)));
  }

  std::vector<SlotId> finish() {
    for (const auto id : before_)
      if (std::find(binding_->slots.begin(), binding_->slots.end(), id) == binding_->slots.end() &&
          binder_.release(id, key_))
        touched_.push_back(id);
    return std::move(touched_);
  }

 private:
  void note(SlotId id, bool changed) {
    binding_->slots.push_back(id);
    if (changed) touched_.push_back(id);
  }

  Binder& binder_;
  const PackedText* key_;
  Binding* binding_;
  SlotList before_;
  std::vector<SlotId> touched_;
};

}  // namespace knm
