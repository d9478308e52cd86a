#include "contrail-client/answer/list_parser.hpp"

#include <utility>

#include "contrail-client/answer/parser.hpp"

namespace contrail {

struct ListParser::State {
  State(Type type, answer::Form form, Sink to, Filter wanted, UnreadableSink unreadable)
      : sink(std::move(to)),
        filter(std::move(wanted)),
        parser(
            type, form, [this](answer::ObjectBuilder& builder) { complete(builder); }, unfit(std::move(unreadable))) {}

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
    : ListParser(std::make_unique<State>(type, answer::Form::list, std::move(sink), std::move(filter),
                                         std::move(unreadable))) {}
ListParser::ListParser(std::unique_ptr<State> state) : state_(std::move(state)) {}
ListParser ListParser::of_one(Type type, Sink sink, Filter filter, UnreadableSink unreadable) {
  return ListParser(
      std::make_unique<State>(type, answer::Form::single, std::move(sink), std::move(filter), std::move(unreadable)));
}
ListParser::~ListParser() = default;
ListParser::ListParser(ListParser&&) noexcept = default;
ListParser& ListParser::operator=(ListParser&&) noexcept = default;

base::Result<void> ListParser::feed(std::string_view bytes) { return state_->parser.feed(bytes); }
base::Result<void> ListParser::finish() { return state_->parser.finish(); }
std::uint64_t ListParser::objects() const { return state_->parser.objects(); }

}  // namespace contrail
