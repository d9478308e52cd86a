#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "k8sclient/decode/stream.hpp"

// Splits lists and watches in protobuf into objects of any kind, which stay encoded.
namespace k8s::pb {

// Buffers exactly the bytes of the next element. Elements that arrived completely are not copied.
class ElementBuffer {
 public:
  // The result for the beginning of the bytes: the size of the consumed element, or 0 if it needs `need` bytes in all.
  struct Taken {
    std::size_t size = 0;
    std::size_t need = 0;  // more than there were
  };
  using Take = std::function<Taken(std::string_view)>;

  void feed(std::string_view bytes, const Take& take);
  bool empty() const { return pending_.empty(); }

 private:
  std::string pending_;  // the beginning of one element
  std::size_t need_ = 0;
};

// Skips an element above the limit, and keeps its beginning.
class Oversized {
 public:
  void begin(std::uint64_t size);
  bool under_way() const { return left_ > 0; }
  std::size_t take(std::string_view bytes);  // returns how many of them belong to it
  std::string_view beginning() const { return beginning_; }
  std::uint64_t size() const { return size_; }

 private:
  std::string beginning_;
  std::uint64_t size_ = 0, left_ = 0;
};

// A list: "k8s\0", Unknown{typeMeta, raw = XList{metadata, items...}}. Holds at most one item.
class ProtobufList final : public ListDecoder {
 public:
  // `size`: of the whole item; if it is above the limit, `object` is only its beginning.
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
  bool begun_ = false;          // the magic number was read
  bool typed_ = false;          // the kind was read, and is right
  bool entered_ = false;        // raw has begun
  std::uint64_t raw_left_ = 0;  // remaining bytes of raw; 0 outside it
  std::size_t items_ = 0;
  base::Result<void> item_result_;  // the last result of on_item
};

// A watch: frames of a 4-byte big-endian length and WatchEvent{type, object = RawExtension{"k8s\0" Unknown}}.
class ProtobufWatch final : public StreamDecoder {
 public:
  struct Events {
    std::function<base::Result<void>(EventType type, std::string_view object)> on_object;
    std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;  // one above the limit
    std::function<base::Result<void>(const Bookmark& bookmark)> on_bookmark;
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
