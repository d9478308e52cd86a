#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/core/schema.hpp"
#include "tests/config-api/core/subnet.hpp"
#include "tests/config-api/core/uuid.hpp"

namespace standin {

struct Reference {
  TypeIndex type;             // of the target
  Uuid target;                // need not exist: a PUT can leave a reference dangling
  std::string attr = "null";  // JSON text
};

struct Object {
  TypeIndex type = 0;
  Uuid uuid;
  std::vector<std::string> fq_name;
  Uuid parent;  // none for types without a parent
  TypeIndex parent_type = 0;
  std::vector<std::pair<const PropertyInfo*, std::string>>
      properties;  // JSON text, as read back; in the schema's order
  std::vector<Reference> references;
  std::uint64_t created = 0;   // ticks of the database's clock; also the order among the children of a parent
  std::uint64_t modified = 0;  // changes with anything that a GET of the object shows; the Etag
  bool orphaned = false;       // its parent was deleted above it: out of reach, but its name and uuid stay taken

  [[nodiscard]] const std::string* property(std::string_view name) const;
  void set_property(const PropertyInfo& property, std::string json_text);
  void clear_property(const PropertyInfo& property);
  [[nodiscard]] const Reference* first_reference(TypeIndex target_type) const;
  [[nodiscard]] std::vector<Reference> references_to(TypeIndex target_type) const;
};

/// "default-domain:project:network:" — with the colon at its end, names order as the real server lists them.
std::string name_key(const std::vector<std::string>& fq_name);

/// All objects with their indexes, and the server's generators. Only insert(), erase() and set_references() change what
/// is indexed. A value: copies are snapshots.
class Database {
 public:
  using ChildKey = std::tuple<Uuid, TypeIndex, std::uint64_t, Uuid>;  // parent, type of the child, created, child
  using BackKey = std::tuple<Uuid, TypeIndex, Uuid>;                  // target, type of the referrer, referrer

  explicit Database(std::uint64_t seed) : uuids(seed), names_(kTypeCount) {}

  /// Any object, orphans included.
  [[nodiscard]] const Object* find_any(const Uuid& uuid) const;
  /// One that requests can reach; null for an orphan or another type.
  [[nodiscard]] const Object* find(TypeIndex type, const Uuid& uuid) const;
  Object* find(TypeIndex type, const Uuid& uuid);
  [[nodiscard]] const Object* find(TypeIndex type, const std::vector<std::string>& fq_name) const;

  /// By name_key, in order.
  [[nodiscard]] const std::map<std::string, Uuid>& names(TypeIndex type) const { return names_[type]; }
  /// In order of creation.
  [[nodiscard]] std::vector<const Object*> children(const Uuid& parent, TypeIndex type) const;
  /// By uuid.
  [[nodiscard]] std::vector<const Object*> referrers(const Uuid& target, TypeIndex type) const;
  [[nodiscard]] bool has_referrers(const Uuid& target) const;
  [[nodiscard]] const std::unordered_map<Uuid, Object>& objects() const { return objects_; }

  /// Uuid and name must be free. Stamps created and modified; touches parent and targets.
  Object& insert(Object object);
  /// The same for an object of a saved state, whose stamps are kept.
  Object& restore(Object object);
  void erase(const Uuid& uuid);
  void set_references(Object& object, TypeIndex target_type, std::vector<Reference> references);
  /// Notes a change for the answer of the present request. @param kind as the real server says it
  void note(Change::Kind kind, const Object& object);

  /// A new tick in modified.
  void touch(const Uuid& uuid);
  void orphan(const Uuid& uuid);

  std::unordered_map<Uuid, std::vector<Subnet>> subnets;  // by network; none: no entry
  UuidGenerator uuids;
  std::uint64_t clock = 0;
  std::uint32_t next_network_number = 1;
  std::vector<Change> changes;  // of the present request

 private:
  void index_references(const Object& object);
  void touch_targets(const Object& object);
  void unindex_references(const Object& object);

  std::unordered_map<Uuid, Object> objects_;
  std::vector<std::map<std::string, Uuid>> names_;
  std::set<ChildKey> children_;
  std::set<BackKey> referrers_;
};

}  // namespace standin
