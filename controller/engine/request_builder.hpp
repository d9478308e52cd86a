#pragma once

#include <string>

#include "contrail-client/codec.hpp"
#include "controller/bind/binder.hpp"
#include "controller/engine/messages.hpp"

namespace knm {

// A request that was sent, and what its answer is compared with.
struct InFlight {
  SlotId slot = no_slot;
  Action action;
  Verify verification = Verify::none;
  bool noisy = false;        // its project was (Schedule::sent)
  contrail::Uuid uuid;       // of the object
  Ids ids;                   // desired when it was sent: a successor may be desired when the answer comes
  bool signs_alone = false;  // it writes owner annotations over those of a former cluster, and nothing else
  std::string object_uid;    // of the Pod or Service that is patched
  FieldDigests sent;
  Time since{0};
};

// Renders the request for the next step of an entry. Changes nothing.
class RequestBuilder {
 public:
  // All of them retain it.
  RequestBuilder(const Intent& intent, const Table& table, const Binder& binder)
      : intent_(intent), table_(table), binder_(binder) {}

  // To the config API. Sets `sent`, and what else of the InFlight the step says.
  contrail::Request request_for(SlotId id, const Action& action, InFlight& request) const;
  // Of a Pod's annotation, a Service's status. `ask_who`: the answer is to name the field's last other writer.
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
