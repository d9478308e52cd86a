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

// Puts one object together from what the walker comes across. Used again and again: after take() or drop() it is as
// new, but keeps the memory of what it held, so that an object that nobody wants costs no allocation.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Type type);
  ObjectBuilder(const ObjectBuilder&) = delete;
  ObjectBuilder& operator=(const ObjectBuilder&) = delete;

  // Values; false: the text cannot be what the slot wants, and the object is useless without it (its own uuid).
  [[nodiscard]] bool store(Slot slot, std::string_view text);
  void store(Slot slot, std::int64_t number);
  void store(Slot slot, bool flag);

  // A place was entered, by the member of that field if it is one of the object's own.
  void open(Place place, std::optional<Field> field);
  // It was left; `raw` is its text where the place is one that is kept as text (a rule, a subnet).
  void close(Place place, std::string_view raw);

  // In a rule or a subnet: there is a member that Rule or Subnet does not have, so its text has to be kept …
  void note_extra() { extra_ = true; }
  // … and it says something (it is neither null, false nor empty), so the rule is not a plain one.
  void note_odd() { odd_ = true; }
  // In `place` among the port mappings there is something that is no mapping. It counts as one that nobody writes.
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

  // The parts of a list element that is being read.
  std::string key_, value_;
  FqName to_;
  bool to_begun_ = false;
  Uuid reference_uuid_;
  Field field_ = Field::networks;  // which list of references
  bool has_sequence_ = false;
  Sequence sequence_;
  std::vector<Subnet> subnets_;
  Subnet subnet_;
  std::optional<IpAddress> prefix_;
  std::int64_t prefix_length_ = -1;
  PortMapping mapping_;
  bool mapping_is_odd_ = false;
  Rule rule_;
  std::size_t addresses_ = 0;                     // addresses seen in the rule, on both sides
  int source_ports_ = 0, destination_ports_ = 0;  // ends of port ranges seen in it
  int* ports_ = &source_ports_;                   // which of them is being read
  int actions_ = 0;                               // actions seen in the rule
  bool any_protocol_ = false, both_directions_ = false;
  bool extra_ = false, odd_ = false;
};

}  // namespace contrail::answer
