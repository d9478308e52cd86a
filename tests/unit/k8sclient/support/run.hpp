#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace test {

// Runs the context until `operation` is done, and returns its result or rethrows its exception.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> operation) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(context, std::move(operation), [&](std::exception_ptr e, T value) {
    failure = e;
    result.emplace(std::move(value));
    done = true;
  });
  context.restart();
  while (!done && context.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(result.value());
}

}  // namespace test
