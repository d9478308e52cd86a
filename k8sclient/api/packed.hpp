#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "k8sclient/api/objects.hpp"

namespace k8s {

// "namespace/name", or "name" for a cluster-scoped object.
std::string object_key(std::string_view ns, std::string_view name);
std::string object_key(const ObjectMeta& meta);

// The part of its objects that a store keeps.
enum class Keep : std::uint8_t {
  objects,  // all fields of the projection
  digests,  // namespace, name, resourceVersion, a digest of the UID and one of the rest: enough to find changes
};

// The stored form of an object: one block of bytes instead of dozens of strings and lists, a third of the size. Equal
// objects have equal bytes.
template <class T>
class Packed {
 public:
  explicit Packed(const T& object);

  Packed copy() const;
  // The same with digests instead of the UID and of all fields that are not in the key.
  Packed digested() const;

  // Of a digested object: only namespace, name and resourceVersion.
  T unpack() const;
  // The same with the memory of another object, whose content is lost.
  void unpack_to(T& object) const;
  std::string_view key() const { return text(head().key_size, 0); }                // as object_key()
  std::string_view uid() const { return text(head().uid_size, head().key_size); }  // or its digest

  bool has_uid(std::string_view text) const;

  // Whether both are equal except for their resourceVersion. For two objects, or two digested ones.
  bool same_projection(const Packed& other) const { return head().size == other.head().size && body() == other.body(); }
  friend bool operator==(const Packed& a, const Packed& b) {
    return a.head().resource_version == b.head().resource_version && a.same_projection(b);
  }

 private:
  struct Head {
    std::uint64_t resource_version;
    std::uint32_t size;  // of the bytes that follow: key, UID, all other fields
    std::uint32_t key_size;
    std::uint32_t uid_size : 31;
    std::uint32_t digested : 1;
  };
  static Head head_of(std::uint64_t resource_version, std::size_t key_size, std::size_t uid_size,
                      std::size_t rest_size);
  // The block of `parts`, the sizes of which are in the head.
  Packed(const Head& head, std::initializer_list<std::string_view> parts);
  const Head& head() const { return *reinterpret_cast<const Head*>(block_.get()); }
  std::string_view body() const { return {block_.get() + sizeof(Head), head().size}; }
  std::string_view text(std::size_t size, std::size_t from) const { return body().substr(from, size); }

  std::unique_ptr<char[]> block_;
};

extern template class Packed<Pod>;
extern template class Packed<Service>;
extern template class Packed<Namespace>;
extern template class Packed<EndpointSlice>;

}  // namespace k8s
