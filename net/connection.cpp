#include "net/connection.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <boost/beast/http/error.hpp>

#include "net/errc.hpp"
#include "net/response_parser.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t read_size = 16 * 1024;  // the size of a TLS record

// What all requests to an endpoint have in common, made once.
struct RequestForm {
  RequestForm(const Endpoint& endpoint, const std::optional<Proxy>& proxy);
  std::string render(const HttpRequest& request) const;

  std::string before_target, fields;
};

RequestForm::RequestForm(const Endpoint& endpoint, const std::optional<Proxy>& proxy) {
  // A proxy needs the whole URL, unless the request is in a tunnel (RFC 9112, section 3.2.2).
  const bool to_proxy = proxy && !endpoint.tls;
  before_target = (to_proxy ? "http://" + endpoint.authority() : "") + endpoint.base_path;
  fields = " HTTP/1.1\r\nHost: " + endpoint.authority() + "\r\n";
  if (to_proxy && !proxy->authorization.empty()) fields += "Proxy-Authorization: " + proxy->authorization + "\r\n";
}

std::string RequestForm::render(const HttpRequest& request) const {
  constexpr std::size_t usual_fields = 512;
  std::string out;
  out.reserve(usual_fields + request.target.size() + request.body.size());
  out.append(request.method).append(" ").append(before_target).append(request.target).append(fields);
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\r\n");
  const bool has_length =
      !request.body.empty() || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE");
  if (has_length) out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n").append(request.body);
}

// A line break in a target or a field would turn its content into fields, or into another request.
bool well_formed(const HttpRequest& request) {
  // Three searches for one byte each are cheaper than one for three.
  const auto clean = [](std::string_view text) {
    return text.find('\r') == text.npos && text.find('\n') == text.npos && text.find('\0') == text.npos;
  };
  if (request.target.empty() || request.target.front() != '/' || request.target.find(' ') != std::string::npos)
    return false;
  return clean(request.method) && clean(request.target) &&
         std::all_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& field) { return clean(field.first) && clean(field.second); });
}

}  // namespace

struct Connection::Impl {
  Impl(asio::any_io_executor ex, Endpoint where, std::shared_ptr<TlsContext> with, ConnectionOptions opts)
      : executor(std::move(ex)),
        endpoint(std::move(where)),
        tls(std::move(with)),
        options(std::move(opts)),
        form(endpoint, options.proxy) {}

  asio::awaitable<Outcome<void>> open(Deadline deadline);
  asio::awaitable<Outcome<void>> send(HttpRequest request, Deadline deadline);
  asio::awaitable<Outcome<ResponseHead>> read_head(bool no_body, Deadline deadline);
  asio::awaitable<Stream::Moved> fill(Deadline deadline);
  asio::awaitable<Outcome<void>> fill_body(Deadline deadline);

  void begin_response(bool no_body);
  error_code parse();
  void finish();
  Failure fail(base::Error error);
  Failure fail_parse(error_code ec);

  asio::any_io_executor executor;
  Endpoint endpoint;
  std::shared_ptr<TlsContext> tls;
  ConnectionOptions options;

  std::unique_ptr<Stream> stream;        // null: not connected
  std::optional<ResponseParser> parser;  // set while an exchange is running
  std::vector<char> buffer;              // bytes [begin, end) are received and not yet parsed
  std::size_t begin = 0, end = 0;
  bool reused = false;                     // the stream was used for an earlier exchange
  bool outdated = false;                   // the stream was opened with other TLS settings than `tls`
  bool answered = false;                   // a byte of the response has arrived
  Delivery delivery = Delivery::not_sent;  // of the present request
  RequestForm form;
};

// Closes the connection and returns what is known about the request.
Failure Connection::Impl::fail(base::Error error) {
  stream.reset();
  parser.reset();
  begin = end = 0;
  return {std::move(error), delivery};
}

Failure Connection::Impl::fail_parse(error_code ec) {
  const std::string where = "response of " + endpoint.url();
  if (parser->sink_error.code) return fail(parser->sink_error);
  if (ec == http::error::header_limit)
    return fail({errc::header_too_large,
                 where + ": its header exceeds " + std::to_string(options.max_header_bytes) + " bytes"});
  if (ec == http::error::partial_message || ec == http::error::end_of_stream)
    return fail({errc::closed, where + ": the server closed the connection before the response was complete"});
  return fail({errc::malformed_response, where + " is not HTTP/1.1 (" + ec.message() + "); check the port"});
}

asio::awaitable<Outcome<void>> Connection::Impl::open(Deadline deadline) {
  reused = stream != nullptr && !outdated && stream->alive();
  if (reused) co_return Outcome<void>();
  outdated = false;
  stream = std::make_unique<Stream>(executor);
  begin = end = 0;
  const auto connected = co_await stream->connect(endpoint, tls, options.proxy, deadline);
  if (!connected) co_return fail(connected.error());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> Connection::Impl::send(HttpRequest request, Deadline deadline) {
  if (options.may_send && !options.may_send(request))
    co_return Failure{{errc::withheld, request.method + " to " + endpoint.url() + ": withheld by this program"},
                      Delivery::not_sent};
  const std::string bytes = form.render(request);
  delivery = Delivery::unknown;  // after a cancellation from here on, the outcome is unknown
  const auto written = co_await stream->write(asio::buffer(bytes), deadline);
  if (written.ok()) co_return Outcome<void>();
  if (written.cut && written.bytes == 0) delivery = Delivery::not_sent;
  // A server that refuses a body may answer and close while it is still being sent: then its answer counts.
  if (written.cut && written.bytes > 0) co_return Outcome<void>();
  co_return fail(written.error);
}

void Connection::Impl::begin_response(bool no_body) {
  parser.emplace();
  parser->header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser->body_limit(boost::none);
  parser->skip(no_body);
}

// Passes the buffered bytes to the parser.
error_code Connection::Impl::parse() {
  error_code ec;
  begin += parser->feed({buffer.data() + begin, end - begin}, ec);
  if (begin == end) begin = end = 0;
  return ec;
}

asio::awaitable<Stream::Moved> Connection::Impl::fill(Deadline deadline) {
  if (begin > 0) {
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(begin), buffer.begin() + static_cast<std::ptrdiff_t>(end),
              buffer.begin());
    end -= begin;
    begin = 0;
  }
  if (buffer.size() < end + read_size) buffer.resize(end + read_size);
  const auto moved = co_await stream->read_some(asio::buffer(buffer.data() + end, buffer.size() - end), deadline);
  end += moved.bytes;
  answered = answered || moved.bytes > 0;
  co_return moved;
}

// Like fill(); the end of the connection is the end of the body if nothing else marks it.
asio::awaitable<Outcome<void>> Connection::Impl::fill_body(Deadline deadline) {
  // The body itself is parsed as it arrives: the rest is a chunk's header, or the trailer, for which the parser has no
  // limit.
  if (end - begin > options.max_header_bytes)
    co_return fail({errc::header_too_large, "response of " + endpoint.url() + ": the framing of its body exceeds " +
                                                std::to_string(options.max_header_bytes) + " bytes"});
  const auto moved = co_await fill(deadline);
  if (moved.ok()) co_return Outcome<void>();
  if (!moved.end) co_return fail(moved.error);
  error_code ec;
  parser->put_eof(ec);
  if (ec) co_return fail_parse(ec);
  co_return Outcome<void>();
}

asio::awaitable<Outcome<ResponseHead>> Connection::Impl::read_head(bool no_body, Deadline deadline) {
  begin_response(no_body);
  for (;;) {
    if (const auto ec = parse()) co_return fail_parse(ec);
    if (parser->is_header_done()) {
      const bool interim = parser->head.status >= 100 && parser->head.status < 200;
      if (!interim) break;
      begin_response(no_body);
      continue;
    }
    const auto moved = co_await fill(deadline);
    if (moved.ok()) continue;
    if ((moved.end || moved.cut) && reused && !answered) delivery = Delivery::stale;
    co_return fail(moved.error);
  }
  ResponseHead head = std::move(parser->head);
  if (parser->is_done()) finish();
  co_return head;
}

// The response is complete: keeps the connection if both sides permit that.
void Connection::Impl::finish() {
  const bool keep = parser->keep_alive() && begin == end;
  parser.reset();
  if (keep)
    stream->rest();
  else
    stream.reset();
  begin = end = 0;
}

Connection::Connection(asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                       ConnectionOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(endpoint), std::move(tls), std::move(options))) {}

Connection::~Connection() = default;

asio::awaitable<Outcome<ResponseHead>> Connection::start(HttpRequest request, Deadline deadline) {
  Impl& self = *impl_;
  if (self.parser) close();  // a body that was not read to its end
  self.delivery = Delivery::not_sent;
  self.answered = false;
  if (!well_formed(request))
    co_return Failure{
        {errc::bad_request, "the request to " + self.endpoint.url() + " has a line break or an invalid target"},
        Delivery::not_sent};
  const bool no_body = request.method == "HEAD";
  if (auto opened = co_await self.open(deadline); !opened) co_return opened.error();
  if (auto sent = co_await self.send(std::move(request), deadline); !sent) co_return sent.error();
  co_return co_await self.read_head(no_body, deadline);
}

asio::awaitable<Outcome<bool>> Connection::read_body(const BodySink& sink, Deadline deadline) {
  Impl& self = *impl_;
  if (!self.parser) co_return false;  // the body came with the header, or there is none
  self.parser->eager(true);
  self.parser->sink = &sink;
  const std::uint64_t before = self.parser->body_bytes;
  for (bool wait = self.begin == self.end;; wait = true) {
    if (wait)
      if (auto filled = co_await self.fill_body(deadline); !filled) co_return filled.error();
    if (const auto ec = self.parse()) co_return self.fail_parse(ec);
    if (self.parser->is_done()) break;
    if (self.parser->body_bytes != before) co_return true;
  }
  self.finish();
  co_return false;
}

asio::awaitable<Outcome<HttpResponse>> Connection::exchange(HttpRequest request, Deadline deadline) {
  HttpResponse response;
  auto head = co_await start(std::move(request), deadline);
  if (!head) co_return head.error();
  response.status = head->status;
  response.headers = std::move(head->headers);
  const std::size_t limit = impl_->options.max_body_bytes;
  const BodySink sink = [&response, limit, this](std::string_view bytes) -> base::Result<void> {
    if (bytes.size() > limit - response.body.size())
      return base::Error{errc::body_too_large, "response of " + impl_->endpoint.url() + ": its body exceeds " +
                                                   std::to_string(limit) + " bytes"};
    response.body += bytes;
    return {};
  };
  for (;;) {
    const auto more = co_await read_body(sink, deadline);
    if (!more) co_return more.error();
    if (!*more) co_return response;
  }
}

bool Connection::reusable() const {
  return !impl_->parser && impl_->stream && !impl_->outdated && impl_->stream->alive();
}

void Connection::replace_tls(std::shared_ptr<TlsContext> tls) {
  if (tls == impl_->tls) return;
  impl_->tls = std::move(tls);
  impl_->outdated = true;
}

void Connection::close() {
  impl_->stream.reset();
  impl_->parser.reset();
  impl_->begin = impl_->end = 0;
}

const Endpoint& Connection::endpoint() const { return impl_->endpoint; }

}  // namespace net
