#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_split.hpp"
#include "k8sclient/decode/stream.hpp"

// The framing of lists and watches in JSON, for objects of any kind.
namespace k8s::js {

// A list. It is never held, one item at most.
class JsonList final : public ListDecoder {
 public:
  // `size`: of the whole item; where that is above the bound, `text` is its beginning.
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
  bool has_items_ = false;          // though there are none: null
  base::Result<void> item_result_;  // what on_item said last
  Splitter splitter_;
};

// A watch: one line of {"type": ..., "object": {...}} after the other.
class JsonWatch final : public StreamDecoder {
 public:
  struct Events {
    std::function<base::Result<void>(EventType type, const nlohmann::json& object)> on_object;
    // An event whose line is no JSON, or above the bound (then `line` is its beginning).
    std::function<base::Result<void>(EventType type, Unreadable&& object)> on_unreadable;
    std::function<base::Result<void>(std::uint64_t resource_version)> on_bookmark;
    std::function<base::Result<void>(const Status& status)> on_error;
  };
  JsonWatch(ResourceName resource, DecodeLimits limits, Events events);
  base::Result<void> feed(std::string_view bytes) override;
  base::Result<void> finish() override;

 private:
  base::Result<void> on_line(std::string_view line);
  base::Result<void> on_event(const nlohmann::json& event);
  base::Result<void> on_damaged(std::string_view line, DecodeFailure why);
  void keep(std::string_view part);
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  Events events_;
  std::string line_;        // the beginning of a line
  std::uint64_t size_ = 0;  // of it, so far; more than line_ has where it is above the bound
};

}  // namespace k8s::js
