#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/rest/api.hpp"
#include "contrail-client/rest/database_identity.hpp"
#include "net/pool.hpp"

// One request of the client, and the ways to read its answer.
namespace contrail {

inline constexpr std::string_view json_type = "application/json", event_stream = "text/event-stream";
inline const net::Headers::value_type json_content{"Content-Type", std::string(json_type)};

// Receives the bytes of one answer. `begin` is called for each try, before any byte of it.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void begin(const net::ResponseHead& head, const net::Endpoint& server) = 0;
  virtual base::Result<void> take(std::string_view bytes) = 0;
  virtual base::Result<Response> finish() = 0;
  // Whether an answer that is whole says that something does not exist.
  virtual bool says_absent() const = 0;
};

// Keeps the whole body.
class WholeBody : public Receiver {
 public:
  explicit WholeBody(std::size_t limit) : limit_(limit) {}

  void begin(const net::ResponseHead& head, const net::Endpoint& server) override;
  base::Result<void> take(std::string_view bytes) override;
  base::Result<Response> finish() override { return std::move(response_); }
  bool says_absent() const override;

 protected:
  int status() const { return response_.status; }

 private:
  std::size_t limit_;
  Response response_;
};

// Passes the body of a 200 to a list parser, and keeps that of any other status.
class ListBody final : public WholeBody {
 public:
  // `objects` counts what the parser has passed on.
  ListBody(ListParser parser, const std::size_t& objects, std::size_t limit, std::size_t list_limit)
      : WholeBody(limit), parser_(std::move(parser)), objects_(objects), left_(list_limit) {}

  void begin(const net::ResponseHead& head, const net::Endpoint& server) override;
  base::Result<void> take(std::string_view bytes) override;
  base::Result<Response> finish() override;
  bool says_absent() const override;

 private:
  ListParser parser_;
  const std::size_t& objects_;
  std::size_t left_;
  bool begun_ = false;  // a byte of the list is there
};

// Passes the body of a 200 to a follower, and keeps that of any other status.
class FollowedBody final : public WholeBody {
 public:
  // `opened` is called before the follower hears of a stream.
  FollowedBody(Follower& follower, std::function<void()> opened, std::size_t limit)
      : WholeBody(limit), follower_(follower), opened_(std::move(opened)) {}

  void begin(const net::ResponseHead& head, const net::Endpoint& server) override;
  base::Result<void> take(std::string_view bytes) override;

 private:
  Follower& follower_;
  std::function<void()> opened_;
  bool is_stream_ = false;
};

// How long the next byte of a body without an end may take. Empty: the body has an end, and all of it must be there at
// the deadline.
using Silence = std::function<std::chrono::milliseconds()>;

// One exchange that passes its body to a receiver as it arrives. With an identity, a server is asked for its database
// on each new connection before anything else, and again after an answer that says that something does not exist: a
// load balancer may have put another server behind the connection.
class Streamed final : public net::Pool::Exchange {
 public:
  Streamed(net::HttpRequest request, Receiver& receiver, net::Deadline deadline, DatabaseIdentity* identity,
           Silence silence = {})
      : request_(std::move(request)),
        own_fields_(request_.headers.size()),
        receiver_(receiver),
        deadline_(deadline),
        identity_(identity),
        silence_(std::move(silence)) {}

  bool is_endless() const { return silence_ != nullptr; }

  // These fields and no former ones.
  void authorize(const net::Headers& fields);

  // Takes the values of these fields out of what a server said: some errors repeat the request.
  void hide_secrets(std::string& text) const;

  boost::asio::awaitable<std::optional<net::Failure>> over(net::Connection& connection) override;

  Response response;
  std::string content_type;                   // of the response
  net::Endpoint server;                       // of the last try; without a host: there was none
  std::optional<std::chrono::seconds> pause;  // that it asks for
  // The server closes connections after answers, so that the question and the request had a connection each.
  bool unproven = false;

 private:
  using Outcome = std::optional<net::Failure>;

  // The end of the exchange, if the server does not show that it has the database. `reached`: by the request. What a
  // server answers that does not even look at a request is the answer.
  boost::asio::awaitable<std::optional<Outcome>> ask_identity(net::Connection& connection, net::Delivery reached);

  net::HttpRequest request_;
  std::size_t own_fields_;  // those before the Access's
  Receiver& receiver_;
  net::Deadline deadline_;
  DatabaseIdentity* identity_;
  Silence silence_;
};

}  // namespace contrail
