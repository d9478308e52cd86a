#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace standin {

/// One HTTP request, as far as the config API looks at it.
struct Request {
  std::string method;  ///< "GET", "POST", "PUT", "DELETE"
  std::string target;  ///< path and query, percent-encoded: "/virtual-networks?count=true"
  std::string host;    ///< the Host header; hrefs in answers echo it
  std::string body;    ///< JSON text, or empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< the other headers; names compare without case
};

/// What a write did to an object, for notifications.
struct Change {
  enum class Kind : std::uint8_t { creation, update, deletion };
  Kind kind = Kind::update;
  std::string type;  ///< "virtual-network"
  std::string uuid;
  friend bool operator==(const Change&, const Change&) = default;
};

/// One HTTP answer. Errors are plain text under text/html, as on the real server: only the status is to be relied upon.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<Change> changes{};  ///< of this request, in the order in which the real server notifies of them
};

struct WatchQuery;

/// The stand-in for an OpenContrail config API server: its whole behaviour, without sockets, threads or a clock.
///
/// Every answer is a function of the constructor's seed and of the requests handled so far: the uuids, numbers and
/// timestamps that a server chooses come from generators inside. A value type: a copy is a snapshot, at the cost of its
/// objects. Not thread-safe; no function throws anything but std::bad_alloc unless it says so.
class ConfigApi {
 public:
  /// A freshly started server: default-domain, default-project, its four networks and two ipams.
  explicit ConfigApi(std::uint64_t seed = 1);
  ~ConfigApi();
  ConfigApi(const ConfigApi& other);
  ConfigApi& operator=(const ConfigApi& other);
  ConfigApi(ConfigApi&& other) noexcept;
  ConfigApi& operator=(ConfigApi&& other) noexcept;

  /// Executes one request and answers it.
  Response handle(const Request& request);

  /// GET /watch: what is watched, or the refusal. The answer itself has no end: `init` has the events at its beginning,
  /// and after each write note() has the one about each of its changes (empty: it is not watched).
  struct Watch {
    Response refusal;                         ///< where `query` is null
    std::shared_ptr<const WatchQuery> query;  ///< for the functions below
  };
  [[nodiscard]] static Watch watch(const Request& request);
  [[nodiscard]] std::vector<std::string> init(const WatchQuery& query) const;
  /// The object is as it is now, not as it was at the change.
  [[nodiscard]] std::string note(const WatchQuery& query, const Change& change) const;

  /// How many objects of a type there are ("virtual-network"), those made at start included; 0 for an unknown type.
  [[nodiscard]] std::size_t count(std::string_view type) const;
  /// The same for every type of the schema.
  [[nodiscard]] std::map<std::string, std::size_t> counts() const;

  /// Every object as JSON, in a stable order: {"virtual-network": [{...}, ...], ...}, objects by fq_name. An object is
  /// what a GET of it answers without children, back references and hrefs, and without what depends on how it came to
  /// be (id_perms, perms2, virtual_network_network_id, the order of references): histories that came to the same end
  /// have equal dumps, where the client chose all uuids.
  [[nodiscard]] std::string dump() const;

  /// The whole state as JSON text, taken addresses and generators included; load() makes the same server of it.
  [[nodiscard]] std::string save() const;
  /// @throws std::runtime_error where the text is not a state that save() wrote; it says what is wrong.
  static ConfigApi load(std::string_view state);

 private:
  struct State;
  explicit ConfigApi(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace standin
