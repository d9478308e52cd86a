#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/types.hpp"
#include "contrail-client/uuid.hpp"

// What the notifications of the config API (GET /watch, from R2011 on) say, as values.
//
// One stream says, in this order: Opened; for each subscribed type ListBegun, its objects, ListEnded; Complete; then
// changes and deletions, without end. Lost ends it, at any place; the next stream begins anew, since nothing can be
// resumed.
//
// The server begins to record changes before it reads the lists: a change may come although a list has shown it. The
// message bus between the servers loses, delays and doubles events, so that none of them proves what is there: an
// object is what it was when it was sent, and an object without an event may have changed.
namespace contrail::watch {

// What to watch. `wanted`: which objects are needed (null: all); it applies to lists and changes.
struct Subscription {
  Type type = Type::project;
  std::vector<Field> fields;  // besides uuid, fq_name and parent; must not be empty: the server would send all fields
  ListParser::Filter wanted{};
};

// The server has accepted the subscriptions.
struct Opened {
  std::string server;  // its URL
  friend bool operator==(const Opened&, const Opened&) = default;
};

// The list of a type. Between begin and end only objects of this type come.
struct ListBegun {
  Type type = Type::project;
  friend bool operator==(const ListBegun&, const ListBegun&) = default;
};
struct Listed {
  Object object;
  friend bool operator==(const Listed&, const Listed&) = default;
};
struct ListEnded {
  Type type = Type::project;
  std::uint64_t objects = 0;  // in the list, also unwanted and unreadable ones
  friend bool operator==(const ListEnded&, const ListEnded&) = default;
};

// All lists are complete.
struct Complete {
  friend bool operator==(const Complete&, const Complete&) = default;
};

// An object was created or changed: as it was when the event was sent. The server does not tell reliably which of both.
struct Changed {
  Object object;
  friend bool operator==(const Changed&, const Changed&) = default;
};

// The object does not exist any longer. Its name is not always sent, so it is not here. May come twice.
struct Deleted {
  Type type = Type::project;
  Uuid uuid;
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

// An object of the present list, or a changed one, exists and cannot be read; `object.part.type` is its type.
struct Unread {
  Unreadable object;
};

// The stream has ended: what was known is no longer fresh. Each attempt ends with it, also one that was not Opened.
struct Lost {
  std::string why;
  friend bool operator==(const Lost&, const Lost&) = default;
};

using Event = std::variant<Opened, ListBegun, Listed, ListEnded, Complete, Changed, Deleted, Unread, Lost>;

// Receives the events one by one, while the bytes arrive. Must not destroy the stream.
using EventSink = std::function<void(Event&&)>;

}  // namespace contrail::watch
