#include "contrail-client/watch/stream.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/cut.hpp"
#include "contrail-client/error.hpp"
#include "contrail-client/watch/event_reader.hpp"
#include "net/errc.hpp"

namespace contrail::watch {

namespace asio = boost::asio;

namespace {

Trouble trouble_of(const base::Error& error) {
  if (error.code == errc::login_refused || error.code == errc::token_refused) return Trouble::refused;
  // A gateway that lets no streams pass.
  if (error.code == errc::foreign_answer) return Trouble::not_offered;
  return Trouble::broken;
}

}  // namespace

// Makes one attempt. Says Lost when it is destroyed, so that a stream that was cancelled is lost, too.
class Stream::Reader final : public Follower {
 public:
  Reader(Stream& stream, std::vector<Subscription> wanted)
      : subscriptions(std::move(wanted)),
        stream_(stream),
        events_(subscriptions, [this](Event&& event) { say(std::move(event)); }) {}
  ~Reader() override {
    if (open_) ++stream_.life_.lost;
    stream_.sink_(Lost{why.empty() ? "the program ends" : why});
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void opened(const std::string& server) override {
    open_ = true;
    ++stream_.life_.opened;
    stream_.life_.server = server;
    const auto now = stream_.options_.clock->now();
    stream_.life_.last_heard = now;
    begun_by_ = now + stream_.options_.list_patience;
    listed_by_ = now + stream_.options_.list_limit;
    stream_.listed_ = {};
    stream_.step(OpenedInput{});
    stream_.sink_(Opened{server});
  }

  base::Result<void> take(std::string_view bytes) override {
    auto& life = stream_.life_;
    life.last_heard = stream_.options_.clock->now();
    life.bytes += bytes.size();
    const auto changes = events_.changes(), comments = events_.comments();
    auto fed = events_.feed(bytes);
    life.changes += events_.changes() - changes;
    life.keep_alives += events_.comments() - comments;
    if (fed && !events_.is_complete() && life.last_heard >= listed_by_)
      return Error{errc::ended, "the lists were not complete in time"};
    return fed;
  }

  std::chrono::milliseconds patience() const override {
    const auto& options = stream_.options_;
    if (events_.is_complete()) return options.silence_limit;
    // A start waits for the first stream: comments alone must not let it wait for long.
    const auto until = events_.has_begun() ? listed_by_ : std::min(begun_by_, listed_by_);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - options.clock->now());
    return std::min(options.list_patience, left);
  }

  bool is_open() const { return open_; }

  const std::vector<Subscription> subscriptions;
  std::string why;

 private:
  void say(Event&& event) {
    if (std::holds_alternative<Complete>(event)) stream_.completed();
    stream_.sink_(std::move(event));
  }

  Stream& stream_;
  EventReader events_;
  bool open_ = false;
  // The latest times for the first list of an open stream, and for all.
  base::Clock::time_point begun_by_{}, listed_by_{};
};

Stream::Stream(asio::any_io_executor executor, Api& api, Prepare prepare, EventSink sink, StreamOptions options)
    : executor_(std::move(executor)),
      api_(api),
      prepare_(std::move(prepare)),
      sink_(std::move(sink)),
      options_(std::move(options)),
      machine_(options_.machine),
      engine_(std::random_device{}()) {
  life_.since = life_.last_heard = options_.clock->now();
}

Stream::~Stream() = default;

asio::awaitable<void> Stream::run() {
  for (;;) {
    const auto command = machine_.command();
    if (const auto* pause = std::get_if<WaitCommand>(&command))
      co_await wait(pause->time);
    else
      co_await connect();
  }
}

asio::awaitable<void> Stream::wait(std::chrono::milliseconds time) {
  asio::steady_timer timer(executor_, time);
  co_await timer.async_wait(asio::use_awaitable);
  step(WaitedInput{});
}

asio::awaitable<void> Stream::connect() {
  Reader reader(*this, co_await prepare_());
  const auto answer = co_await api_.follow(watch_request(reader.subscriptions), reader, options_.answer_timeout);
  if (!answer) {
    const auto& error = answer.error().error;
    // The next wait of run() ends it.
    if (error.code == net::errc::cancelled) co_return;
    reader.why = error.message;
    const bool is_foreign = error.code == errc::foreign_answer;
    if (!is_foreign) foreign_since_.reset();
    ended(is_foreign && may_be_of_a_moment() ? Trouble::broken : trouble_of(error), error.message);
    co_return;
  }
  foreign_since_.reset();
  if (reader.is_open()) {
    reader.why = "the server has closed the stream";
    ended(Trouble::broken, reader.why);
  } else {
    reader.why = "HTTP " + std::to_string(answer->status) + ": " + std::string(base::cut(answer->body, 300));
    ended(trouble_of(answer->status), reader.why);
  }
}

bool Stream::may_be_of_a_moment() {
  const auto now = options_.clock->now();
  if (!foreign_since_) foreign_since_ = now;
  return now - *foreign_since_ < options_.foreign_patience;
}

void Stream::step(const Input& input) {
  const auto before = machine_.phase();
  machine_.step(input, std::uniform_real_distribution<double>(0, 1)(engine_));
  life_.phase = machine_.phase();
  life_.failures = machine_.failures();
  if (life_.phase != before) life_.since = options_.clock->now();
}

void Stream::completed() {
  listed_ = std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock->now() - life_.since);
  step(CompletedInput{});
  life_.error.clear();
  if (!std::exchange(reported_, {}).empty())
    write_log(options_.log, base::LogLevel::info, "the notifications of the config API are followed again",
              {{"server", life_.server}});
}

void Stream::ended(Trouble trouble, const std::string& why) {
  const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock->now() - life_.since);
  const bool was_listing = machine_.phase() == Phase::listing;
  const auto listed = std::exchange(listed_, std::chrono::milliseconds{0});
  step(EndedInput{trouble, was_listing ? std::chrono::milliseconds{0} : lasted, was_listing ? lasted : listed});
  life_.error = why;
  if (std::exchange(reported_, why) == why) return;
  if (trouble == Trouble::not_offered)
    write_log(options_.log, base::LogLevel::info, "the config API offers no notifications", {{"answer", why}});
  else
    write_log(options_.log, base::LogLevel::warning, "the notifications of the config API are not followed",
              {{"error", why}});
}

}  // namespace contrail::watch
