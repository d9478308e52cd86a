#include "tests/config-api/config_api.hpp"

#include "tests/config-api/core/router.hpp"
#include "tests/config-api/core/state.hpp"

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
