#pragma once

#include <cstddef>

#include "controller/bind/binder.hpp"
#include "k8sclient/cache/store.hpp"

namespace knm {

// How many objects depend on an object of the cluster, for the guard of the stores (k8s::Handler): they would be
// deleted if a list did not show it.
class Worths {
 public:
  // All of them outlive it.
  Worths(const Intent& intent, const Table& table, const Binder& binder)
      : intent_(intent), table_(table), binder_(binder) {}

  k8s::Worth of(const k8s::Namespace& known) const;
  k8s::Worth of(const k8s::Pod& known) const;
  k8s::Worth of(const k8s::Service& known) const;
  k8s::Worth of(const k8s::EndpointSlice& known) const;

 private:
  const Intent& intent_;
  const Table& table_;
  const Binder& binder_;
};

}  // namespace knm
