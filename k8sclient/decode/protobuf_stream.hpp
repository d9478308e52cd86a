#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "k8sclient/decode/stream.hpp"

// The framing of lists and watches in protobuf, for objects of any kind: what is inside stays bytes here.
namespace k8s::pb {

// Collects just as many bytes as the next element needs. Elements that are whole in what arrived are not copied.
class ElementBuffer {
 public:
  // Looks at the beginning of its argument: the size of the element that it took, or 0 where it needs `need` bytes in
  // all.
  struct Taken {
    std::size_t size = 0;
    std::size_t need = 0;  // more than were offered
  };
  using Take = std::function<Taken(std::string_view)>;

  void feed(std::string_view bytes, const Take& take);
  bool empty() const { return pending_.empty(); }

 private:
  std::string pending_;  // the beginning of one element
  std::size_t need_ = 0;
};

// An element above the bound that passes by: its beginning is kept.
class Oversized {
 public:
  void begin(std::uint64_t size);
  bool under_way() const { return left_ > 0; }
  std::size_t take(std::string_view bytes);  // how many of them belong to it
  std::string_view beginning() const { return beginning_; }
  std::uint64_t size() const { return size_; }

 private:
  std::string beginning_;
  std::uint64_t size_ = 0, left_ = 0;
};

// A list: "k8s\0", Unknown{typeMeta, raw = XList{metadata, items...}}. The list is never held, one item at most.
class ProtobufList final : public ListDecoder {
 public:
  // `size`: of the whole item; where that is above the bound, `object` is its beginning.
  using OnItem = std::function<base::Result<void>(std::string_view object, std::uint64_t size)>;
  ProtobufList(ResourceName resource, DecodeLimits limits, OnItem on_item);
  base::Result<void> feed(std::string_view bytes) override;
  base::Result<void> finish() override;
  const ListMeta& meta() const override { return meta_; }

 private:
  ElementBuffer::Taken take(std::string_view bytes);
  ElementBuffer::Taken take_field(std::string_view bytes);
  void on_field(std::uint64_t field, std::string_view content);
  void on_item(std::string_view content, std::uint64_t size);
  void enter_raw(std::uint64_t length);
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  OnItem on_item_;
  ElementBuffer buffer_;
  Oversized oversized_;
  ListMeta meta_;
  bool begun_ = false;          // the magic number is past
  bool typed_ = false;          // the kind is known, and right
  bool entered_ = false;        // raw has begun
  std::uint64_t raw_left_ = 0;  // bytes of raw to come; 0 outside of it
  std::size_t items_ = 0;
  base::Result<void> item_result_;  // what on_item said last
};

// A watch: frames of a 4-byte big-endian length and WatchEvent{type, object = RawExtension{"k8s\0" Unknown}}.
class ProtobufWatch final : public StreamDecoder {
 public:
  struct Events {
    std::function<base::Result<void>(EventType type, std::string_view object)> on_object;
    std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;  // one above the bound
    std::function<base::Result<void>(std::uint64_t resource_version)> on_bookmark;
    std::function<base::Result<void>(const Status& status)> on_error;
  };
  ProtobufWatch(ResourceName resource, DecodeLimits limits, Events events);
  base::Result<void> feed(std::string_view bytes) override;
  base::Result<void> finish() override;

 private:
  ElementBuffer::Taken take(std::string_view bytes);
  std::size_t take_oversized(std::string_view bytes);
  base::Result<void> on_frame(std::string_view frame);
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  Events events_;
  ElementBuffer buffer_;
  Oversized oversized_;
  base::Result<void> event_result_;
};

}  // namespace k8s::pb
