#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contrail-client/annotations.hpp"
#include "contrail-client/answer/schema.hpp"
#include "contrail-client/types.hpp"

namespace contrail::answer {

// Builds one object from the walker's events. Used again and again: after take() or drop() it is empty, but keeps its
// memory, so that an object that the filter drops costs no allocation.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Type type);
  ObjectBuilder(const ObjectBuilder&) = delete;
  ObjectBuilder& operator=(const ObjectBuilder&) = delete;

  // Stores a value; false: the text is invalid for the slot, and the object is useless without it (its own uuid).
  [[nodiscard]] bool store(Slot slot, std::string_view text);
  void store(Slot slot, std::int64_t number);
  void store(Slot slot, bool flag);

  // A place was entered, through the member of that field if it is a member of the object itself.
  void open(Place place, std::optional<Field> field);
  // A place was left; `raw` is its text if the place is stored as text (a rule, a subnet).
  void close(Place place, std::string_view raw);

  // A rule or a subnet has a member that Rule or Subnet lacks, so its text must be kept …
  void note_extra() { extra_ = true; }
  // … and the member has a meaning (it is neither null, false nor empty), so the rule is not plain.
  void note_odd() { odd_ = true; }
  // An element of the port mappings in `place` is not a mapping. It is stored as one that no client writes.
  void note_odd_mapping(Place place);

  const Uuid& uuid() const { return object_.uuid; }
  bool has_name() const { return named_; }
  const Annotations& annotations() const { return annotations_; }

  Object take();
  void drop();

 private:
  std::vector<Reference>* references();
  void close_subnet(std::string_view raw);
  void close_rule(std::string_view raw);

  Type type_;
  Object object_;
  bool named_ = false;
  Annotations annotations_;

  // The parts of the present list element.
  std::string key_, value_;
  FqName to_;
  bool to_begun_ = false;
  Uuid reference_uuid_;
  Field field_ = Field::networks;  // the field of the present list of references
  bool has_sequence_ = false;
  Sequence sequence_;
  std::vector<Subnet> subnets_;
  Subnet subnet_;
  std::optional<IpAddress> prefix_;
  std::int64_t prefix_length_ = -1;
  PortMapping mapping_;
  bool mapping_is_odd_ = false;
  Rule rule_;
  std::size_t addresses_ = 0;                     // addresses in the rule so far, on both sides
  int source_ports_ = 0, destination_ports_ = 0;  // ends of port ranges in the rule so far
  int* ports_ = &source_ports_;                   // the counter of the present side
  int actions_ = 0;                               // actions in the rule so far
  bool any_protocol_ = false, both_directions_ = false;
  bool extra_ = false, odd_ = false;
};

}  // namespace contrail::answer
