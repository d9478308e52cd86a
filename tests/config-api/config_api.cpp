#include "tests/config-api/config_api.hpp"

#include "tests/config-api/core/router.hpp"
#include "tests/config-api/core/state.hpp"
#include "tests/config-api/core/watch.hpp"

namespace standin {

struct ConfigApi::State {
  Database database;
};

ConfigApi::ConfigApi(std::uint64_t seed) : state_(new State{first_database(seed)}) {}
ConfigApi::ConfigApi(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConfigApi::~ConfigApi() = default;
ConfigApi::ConfigApi(const ConfigApi& other) : state_(new State(*other.state_)) {}
ConfigApi::ConfigApi(ConfigApi&& other) noexcept = default;
ConfigApi& ConfigApi::operator=(ConfigApi&& other) noexcept = default;

ConfigApi& ConfigApi::operator=(const ConfigApi& other) {
  if (this != &other) *state_ = *other.state_;
  return *this;
}

Response ConfigApi::handle(const Request& request) { return route(state_->database, request); }

ConfigApi::Watch ConfigApi::watch(const Request& request) {
  auto query = read_watch_query(parse_target(request.target));
  if (!query) return {{query.error().status, "text/html; charset=UTF-8", query.error().text, {}}, nullptr};
  return {{}, std::make_shared<const WatchQuery>(std::move(*query))};
}

std::vector<std::string> ConfigApi::init(const WatchQuery& query) const {
  std::vector<std::string> events;
  for (const auto& watched : query.types) events.push_back(init_event(state_->database, watched));
  return events;
}

std::string ConfigApi::note(const WatchQuery& query, const Change& change) const {
  return change_event(state_->database, query, change);
}

std::size_t ConfigApi::count(std::string_view type) const {
  const auto index = find_type(type);
  return index ? state_->database.names(*index).size() : 0;
}

std::map<std::string, std::size_t> ConfigApi::counts() const {
  std::map<std::string, std::size_t> counts;
  for (const TypeInfo& type : schema()) counts[type.name] = count(type.name);
  return counts;
}

std::string ConfigApi::dump() const { return dump_objects(state_->database); }
std::string ConfigApi::save() const { return save_database(state_->database); }

ConfigApi ConfigApi::load(std::string_view state) {
  return ConfigApi(std::unique_ptr<State>(new State{load_database(state)}));
}

}  // namespace standin
