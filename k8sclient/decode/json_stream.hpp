#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_document.hpp"
#include "k8sclient/decode/json_split.hpp"
#include "k8sclient/decode/one_object.hpp"
#include "k8sclient/decode/stream.hpp"

// Splits lists and watches in JSON into objects of any kind.
namespace k8s::js {

// A list. Holds at most one item.
class JsonList final : public ListDecoder {
 public:
  // `size`: of the whole item; if it is above the limit, `text` is only its beginning.
  using OnItem = std::function<base::Result<void>(std::string_view text, std::uint64_t size)>;
  JsonList(ResourceName resource, DecodeLimits limits, OnItem on_item);
  base::Result<void> feed(std::string_view bytes) override;
  base::Result<void> finish() override;
  const ListMeta& meta() const override { return meta_; }

 private:
  void on_member(std::string_view key, std::string_view value);
  void check_kind();
  std::string what() const;

  ResourceName resource_;
  OnItem on_item_;
  ListMeta meta_;
  std::optional<std::string> api_version_, kind_;
  std::size_t items_ = 0;
  bool has_items_ = false;          // also true if it is null
  base::Result<void> item_result_;  // the last result of on_item
  Splitter splitter_;
};

// A watch: one line of {"type": ..., "object": {...}} for each event.
class JsonWatch final : public StreamDecoder {
 public:
  struct Events {
    std::function<base::Result<void>(EventType type, Value object)> on_object;
    // An event whose line is one object and not JSON, or above the limit.
    std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;
    std::function<base::Result<void>(const Bookmark& bookmark)> on_bookmark;
    std::function<base::Result<void>(const Status& status)> on_error;
  };
  JsonWatch(ResourceName resource, DecodeLimits limits, Events events);
  base::Result<void> feed(std::string_view bytes) override;
  base::Result<void> finish() override;

 private:
  base::Result<void> on_line(std::string_view line);
  base::Result<void> on_event(Value event);
  base::Result<void> on_damaged(std::string_view line, DecodeFailure why);
  base::Result<void> keep(std::string_view part);
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  Events events_;
  OneObject oversized_;     // a line above the limit
  std::string line_;        // the beginning of a line
  std::uint64_t size_ = 0;  // of the line so far; larger than line_ if above the limit
};

}  // namespace k8s::js
