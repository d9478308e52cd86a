#include "contrail-client/answer/list_parser.hpp"

#include <utility>

#include "contrail-client/answer/parser.hpp"

namespace contrail {

struct ListParser::State {
  State(Type type, Sink to, Filter wanted, UnreadableSink unreadable)
      : sink(std::move(to)),
        filter(std::move(wanted)),
        parser(
            type, answer::Form::list, [this](answer::ObjectBuilder& builder) { complete(builder); },
            unfit(std::move(unreadable))) {}

  static answer::Walker::Unfit unfit(UnreadableSink to) {
    if (!to) return {};
    return [to = std::move(to)](answer::ObjectBuilder& builder, std::string&& why) {
      to({.part = builder.take(), .why = std::move(why)});
    };
  }

  void complete(answer::ObjectBuilder& builder) {
    if (filter && !filter(builder.uuid(), builder.annotations()))
      builder.drop();
    else
      sink(builder.take());
  }

  Sink sink;
  Filter filter;
  answer::Parser parser;
};

ListParser::ListParser(Type type, Sink sink, Filter filter, UnreadableSink unreadable)
    : state_(std::make_unique<State>(type, std::move(sink), std::move(filter), std::move(unreadable))) {}
ListParser::~ListParser() = default;
ListParser::ListParser(ListParser&&) noexcept = default;
ListParser& ListParser::operator=(ListParser&&) noexcept = default;

base::Result<void> ListParser::feed(std::string_view bytes) { return state_->parser.feed(bytes); }
base::Result<void> ListParser::finish() { return state_->parser.finish(); }
std::uint64_t ListParser::objects() const { return state_->parser.objects(); }

}  // namespace contrail
