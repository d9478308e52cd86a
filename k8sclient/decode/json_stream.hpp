#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "k8sclient/decode/stream.hpp"

// The framing of lists and watches in JSON, for objects of any kind.
namespace k8s::js {

// A list; held whole until it is complete (one page of it, at the sizes that we ask for).
class JsonList final : public ListDecoder {
 public:
  using OnItem = std::function<Result<void>(const nlohmann::json& object)>;
  JsonList(ResourceName resource, DecodeLimits limits, OnItem on_item);
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;
  const ListMeta& meta() const override { return meta_; }

 private:
  Result<void> read();
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  OnItem on_item_;
  std::string text_;
  ListMeta meta_;
};

// A watch: one line of {"type": ..., "object": {...}} after the other.
class JsonWatch final : public StreamDecoder {
 public:
  struct Events {
    std::function<Result<void>(EventType type, const nlohmann::json& object)> on_object;
    std::function<Result<void>(std::uint64_t resource_version)> on_bookmark;
    std::function<Result<void>(const Status& status)> on_error;
  };
  JsonWatch(ResourceName resource, DecodeLimits limits, Events events);
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;

 private:
  Result<void> on_line(std::string_view line);
  Result<void> on_event(const nlohmann::json& event);
  std::string what() const;

  ResourceName resource_;
  DecodeLimits limits_;
  Events events_;
  std::string line_;  // the beginning of a line
};

}  // namespace k8s::js
