#include "tests/support/config_stream.hpp"

#include <stdexcept>

namespace knm::test {

ConfigStream::ConfigStream(const standin::ConfigApi& api, std::vector<contrail::watch::Subscription> subscriptions,
                           contrail::watch::EventSink sink, const BusFaults& faults, std::mt19937_64& random)
    : api_(api),
      subscriptions_(std::move(subscriptions)),
      reader_(subscriptions_, std::move(sink)),
      faults_(faults),
      random_(random) {
  const auto request = contrail::watch::watch_request(subscriptions_);
  const auto watch = standin::ConfigApi::watch({request.method, request.target, "localhost:8082", request.body, {}});
  if (!watch.query) throw std::runtime_error("the stand-in refuses to notify: " + watch.refusal.body);
  query_ = watch.query;
}

void ConfigStream::feed(const std::string& text) {
  if (const auto fed = reader_.feed(text); !fed) throw std::runtime_error(fed.error().message);
}

void ConfigStream::begin() {
  for (const auto& list : api_.init(*query_)) feed(list);
}

void ConfigStream::note(const std::vector<standin::Change>& changes) {
  changes_.insert(changes_.end(), changes.begin(), changes.end());
}

bool ConfigStream::deliver() {
  const auto happens = [&](unsigned share) { return share > 0 && random_() % 100 < share; };
  if (!late_.empty() && (changes_.empty() || random_() % 8 == 0)) {
    const auto text = std::move(late_.front());
    late_.pop_front();
    feed(text);
    return true;
  }
  if (changes_.empty()) return false;
  const auto at = faults_.shuffled ? random_() % std::min<std::size_t>(changes_.size(), 16) : 0;
  const auto change = changes_[at];
  changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(at));
  const auto text = api_.note(*query_, change);
  const bool is_lost = happens(faults_.lost);
  lost_ += is_lost;
  last_lost_[change.uuid] = is_lost;
  if (is_lost || text.empty()) return true;
  if (happens(faults_.late)) {
    late_.push_back(text);
    return true;
  }
  feed(text);
  if (happens(faults_.doubled)) happens(50) ? late_.push_back(text) : feed(text);
  return true;
}

}  // namespace knm::test
