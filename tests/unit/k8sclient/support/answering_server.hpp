#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace test {

struct HttpCall {
  std::string method, target, body;
};

// What the server does with a request.
struct HttpAnswer {
  int status = 200;
  std::string body;                                                        // JSON
  enum class How : std::uint8_t { whole, close, stall } how = How::whole;  // close, stall: no byte of an answer
};

// An HTTP server on 127.0.0.1 that answers every request by a function. Runs on the io_context of the test.
class AnsweringServer {
 public:
  using Answer = std::function<HttpAnswer(const HttpCall&)>;

  AnsweringServer(boost::asio::io_context& context, Answer answer);
  ~AnsweringServer();
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  std::string url() const;
  const std::vector<HttpCall>& calls() const { return state_->calls; }

 private:
  struct State {
    Answer answer;
    std::vector<HttpCall> calls;
  };
  std::shared_ptr<State> state_;
  std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
};

}  // namespace test
