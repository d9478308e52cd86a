#pragma once

#include <string>

#include "contrail-client/codec.hpp"
#include "controller/bind/binder.hpp"
#include "controller/engine/messages.hpp"

namespace knm {

// A request that was sent, with what is needed to apply its answer.
struct InFlight {
  SlotId slot = no_slot;
  Action action;
  Verify verification = Verify::none;
  bool noisy = false;        // whether its project was noisy (Schedule::sent)
  contrail::Uuid uuid;       // of the object
  Ids ids;                   // desired at the time of sending: a successor may be desired when the answer arrives
  bool signs_alone = false;  // it replaces owner annotations of a former cluster, and nothing else
  std::string object_uid;    // of the Pod or Service that is patched
  std::uint64_t shown = 0;   // its resourceVersion that the watch had shown at the time of sending
  FieldDigests sent;
  Time since{0};
};

// Renders the request for the next step of an entry. No side effects.
class RequestBuilder {
 public:
  // All of them outlive it.
  RequestBuilder(const Intent& intent, const Table& table, const Binder& binder)
      : intent_(intent), table_(table), binder_(binder) {}

  // A request to the config API. Sets `sent`, and the other fields of the InFlight that the step needs.
  contrail::Request request_for(SlotId id, const Action& action, InFlight& request) const;
  // A patch of a Pod annotation or a Service status. `ask_who`: the answer must name the last other writer of the
  // field.
  PodPatch patch_for(SlotId id, Step step, bool ask_who, InFlight& request) const;
  StatusPatch status_for(SlotId id, bool ask_who, InFlight& request) const;

 private:
  contrail::Object available(contrail::Object object) const;
  contrail::Object as_named(contrail::Object object) const;

  const Intent& intent_;
  const Table& table_;
  const Binder& binder_;
};

}  // namespace knm
