#include "k8sclient/api/packed.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "k8sclient/api/digest.hpp"

namespace k8s {
namespace {

// Writes values in sequence: numbers with seven bits a byte, texts and lists after their length.
class Writer {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }
  std::string_view bytes() const { return {begin(), size_}; }

 private:
  static constexpr std::size_t usual_room = 1008, largest_number = 10;

  const char* begin() const { return more_ ? more_.get() : usual_; }
  // The end of the bytes, with room for `size` more.
  char* room(std::size_t size) {
    if (size_ + size > room_) grow(size);
    return (more_ ? more_.get() : usual_) + size_;
  }
  void grow(std::size_t size) {
    room_ = std::max(2 * room_, size_ + size);
    auto more = std::make_unique_for_overwrite<char[]>(room_);
    std::memcpy(more.get(), begin(), size_);
    more_ = std::move(more);
  }
  static char* put(std::uint64_t number, char* out) {
    for (; number >= 0x80; number >>= 7) *out++ = static_cast<char>(number | 0x80);
    *out++ = static_cast<char>(number);
    return out;
  }
  void number(std::uint64_t value) {
    auto* const out = room(largest_number);
    size_ += static_cast<std::size_t>(put(value, out) - out);
  }
  template <class Number>
    requires(std::is_integral_v<Number> || std::is_enum_v<Number>)
  void write(Number value) {
    number(static_cast<std::uint64_t>(value));
  }
  void write(const std::string& value) {
    auto* const out = room(largest_number + value.size());
    auto* const text = put(value.size(), out);
    size_ += static_cast<std::size_t>(text - out) + value.copy(text, value.size());
  }
  void write(const KeyValue& value) { (*this)(value.first, value.second); }
  void write(const EndpointPort& value) { (*this)(value.name, value.protocol, value.port); }
  void write(const ServicePort& value) {
    (*this)(value.name, value.protocol, value.port, value.target_port, value.target_name, value.node_port);
  }
  void write(const Endpoint& value);
  template <class Value>
  void write(const std::vector<Value>& values) {
    number(values.size());
    for (const auto& value : values) write(value);
  }

  std::size_t size_ = 0, room_ = usual_room;
  std::unique_ptr<char[]> more_;  // the bytes, once they are too many for `usual_`
  char usual_[usual_room];        // most objects need no allocation
};

// Reads the output of a Writer of this process without checks.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  template <class Number>
    requires(std::is_integral_v<Number> || std::is_enum_v<Number>)
  void read(Number& value) {
    value = static_cast<Number>(number());
  }
  void read(std::string& value) {
    const auto size = static_cast<std::size_t>(number());
    value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  void read(KeyValue& value) { (*this)(value.first, value.second); }
  void read(EndpointPort& value) { (*this)(value.name, value.protocol, value.port); }
  void read(ServicePort& value) {
    (*this)(value.name, value.protocol, value.port, value.target_port, value.target_name, value.node_port);
  }
  void read(Endpoint& value);
  template <class Value>
  void read(std::vector<Value>& values) {
    values.resize(static_cast<std::size_t>(number()));
    for (auto& value : values) read(value);
  }

  std::string_view bytes_;
};

// All fields except the key, the UID and the resourceVersion, for both directions.
template <class Archive, class Meta>
void meta_fields(Archive& archive, Meta& meta) {
  archive(meta.creation_timestamp, meta.terminating, meta.labels, meta.annotations);
}

template <class Archive, class Object>
void endpoint_fields(Archive& archive, Object& endpoint) {
  archive(endpoint.addresses, endpoint.ready, endpoint.serving, endpoint.terminating, endpoint.target_kind,
          endpoint.target_ns, endpoint.target_name, endpoint.target_uid, endpoint.node);
}

template <class Archive, class Object>
void fields(Archive& archive, Object& object) {
  using T = std::remove_const_t<Object>;
  meta_fields(archive, object.meta);
  if constexpr (std::is_same_v<T, Pod>)
    archive(object.phase, object.host_network, object.mirror, object.ready, object.node);
  if constexpr (std::is_same_v<T, Service>)
    archive(object.type, object.cluster_ips, object.external_ips, object.ports, object.has_selector,
            object.publish_not_ready_addresses, object.has_load_balancer_class, object.load_balancer_class,
            object.load_balancer_ip, object.load_balancer_source_ranges, object.external_traffic_policy,
            object.internal_traffic_policy, object.session_affinity, object.ingress);
  if constexpr (std::is_same_v<T, EndpointSlice>)
    archive(object.service, object.address_type, object.endpoints, object.ports);
}

void Writer::write(const Endpoint& value) { endpoint_fields(*this, value); }
void Reader::read(Endpoint& value) { endpoint_fields(*this, value); }

std::string_view bytes_of(const std::size_t& digest) {
  return {reinterpret_cast<const char*>(&digest), sizeof(digest)};
}

}  // namespace

std::string object_key(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + 1 + name.size());
  if (!ns.empty()) (key += ns) += '/';
  return key += name;
}

std::string object_key(const ObjectMeta& meta) { return object_key(meta.ns, meta.name); }

template <class T>
Packed<T>::Packed(const Head& head, std::initializer_list<std::string_view> parts)
    : block_(std::make_unique_for_overwrite<char[]>(sizeof(Head) + head.size)) {
  new (block_.get()) Head(head);
  auto* out = block_.get() + sizeof(Head);
  for (const auto part : parts) out += part.copy(out, part.size());
}

template <class T>
Packed<T>::Packed(const T& object) {
  Writer rest;
  fields(rest, object);
  const ObjectMeta& meta = object.meta;
  const std::string_view slash = meta.ns.empty() ? "" : "/";  // as object_key()
  const auto key_size = meta.ns.size() + slash.size() + meta.name.size();
  *this = Packed(head_of(meta.resource_version, key_size, meta.uid.size(), rest.bytes().size()),
                 {meta.ns, slash, meta.name, meta.uid, rest.bytes()});
}

template <class T>
typename Packed<T>::Head Packed<T>::head_of(std::uint64_t resource_version, std::size_t key_size, std::size_t uid_size,
                                            std::size_t rest_size) {
  return {.resource_version = resource_version,
          .size = static_cast<std::uint32_t>(key_size + uid_size + rest_size),
          .key_size = static_cast<std::uint32_t>(key_size),
          .uid_size = static_cast<std::uint32_t>(uid_size) & ~(std::uint32_t{1} << 31),
          .digested = 0};
}

template <class T>
Packed<T> Packed<T>::copy() const {
  return Packed(head(), {body()});
}

template <class T>
bool Packed<T>::has_uid(std::string_view text) const {
  if (!head().digested) return uid() == text;
  const auto of_text = digest(text);
  return uid() == bytes_of(of_text);
}

template <class T>
Packed<T> Packed<T>::digested() const {
  const auto of_uid = digest(uid()), of_all = digest(body());
  auto short_head = head_of(head().resource_version, key().size(), sizeof(of_uid), sizeof(of_all));
  short_head.digested = 1;
  return Packed(short_head, {key(), bytes_of(of_uid), bytes_of(of_all)});
}

template <class T>
void Packed<T>::unpack_to(T& object) const {
  if (head().digested) object = T();
  const auto name = key();
  const auto slash = name.find('/');
  object.meta.ns = slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
  object.meta.name = name.substr(slash + 1);  // npos + 1 is 0
  object.meta.resource_version = head().resource_version;
  if (head().digested) return;
  object.meta.uid = uid();
  Reader rest(body().substr(name.size() + object.meta.uid.size()));
  fields(rest, object);
}

template <class T>
T Packed<T>::unpack() const {
  T object;
  unpack_to(object);
  return object;
}

template class Packed<Pod>;
template class Packed<Service>;
template class Packed<Namespace>;
template class Packed<EndpointSlice>;

}  // namespace k8s
