#include "controller/events/recorder.hpp"

#include <algorithm>

namespace knm {

using WriteStep = EventWrite::Step;
using Result = EventAnswer::Result;

void Recorder::update(const ProblemBook& book, const std::set<Subject>& changed, Time now) {
  for (const auto& subject : changed) {
    std::vector<Notice> wanted;
    if (const auto page = book.pages().find(subject); page != book.pages().end())
      for (const auto& problem : page->second.all()) wanted.push_back(notice_of(subject, page->second.uid, problem));
    for (const auto id : std::exchange(lasting_[subject], {})) {
      const auto still = std::find(wanted.begin(), wanted.end(), tracks_.at(id).notice);
      if (still == wanted.end()) {
        drop(id);
      } else {
        lasting_[subject].push_back(id);
        wanted.erase(still);
      }
    }
    for (auto& notice : wanted) add(std::move(notice), true, now + limits_.settle, now);
    if (lasting_[subject].empty()) lasting_.erase(subject);
  }
}

void Recorder::notice(Notice notice, Time now) {
  if (notices_ >= limits_.notices)
    ++counts_.suppressed;
  else
    add(std::move(notice), false, now, now);
}

void Recorder::add(Notice notice, bool lasts, Time due, Time now) {
  const auto id = next_id_++;
  auto& track = tracks_[id];
  track.name = event_name(notice);
  track.notice = std::move(notice);
  track.lasts = lasts;
  track.since = now;
  if (lasts)
    lasting_[track.notice.subject].push_back(id);
  else
    ++notices_;
  wait(id, track, due);
}

void Recorder::wait(std::uint64_t id, Track& track, Time due) {
  track.due = due;
  due_.emplace(due, id);
}

// The problem has ended.
void Recorder::drop(std::uint64_t id) {
  const auto at = tracks_.find(id);
  at->second.dropped = true;
  if (!at->second.in_flight) erase(at);
}

void Recorder::erase(Tracks::iterator at) {
  due_.erase({at->second.due, at->first});
  if (!at->second.lasts) --notices_;
  tracks_.erase(at);
}

// --- Requests

std::optional<EventWrite> Recorder::poll(Time now) {
  while (!due_.empty() && due_.begin()->first <= now && in_flight_ < limits_.in_flight &&
         in_all_.ready_at(limits_.in_all) <= now) {
    const auto id = due_.begin()->second;
    due_.erase(due_.begin());
    auto& track = tracks_.at(id);
    if (!admit(id, track, now)) continue;
    in_all_.take(limits_.in_all, now);
    track.in_flight = true;
    ++in_flight_;
    return EventWrite{id,         track.step,  track.notice,
                      track.name, track.count, track.step == WriteStep::create && !track.recreated ? track.since : now};
  }
  return std::nullopt;
}

// Whether the limit of its object permits one more now. If not, a problem waits, and a notice is lost.
bool Recorder::admit(std::uint64_t id, Track& track, Time now) {
  if (track.admitted) return true;
  if (buckets_.take(track.notice.subject, now)) return track.admitted = true;
  ++counts_.suppressed;
  if (track.lasts)
    wait(id, track, buckets_.ready_at(track.notice.subject));
  else
    erase(tracks_.find(id));
  return false;
}

std::optional<Time> Recorder::next_wakeup() const {
  if (due_.empty() || in_flight_ >= limits_.in_flight) return std::nullopt;
  return std::max(due_.begin()->first, in_all_.ready_at(limits_.in_all));
}

// --- Answers

void Recorder::answer(std::uint64_t id, const EventAnswer& answer, Time now) {
  const auto at = tracks_.find(id);
  if (at == tracks_.end() || !at->second.in_flight) return;
  auto& track = at->second;
  track.in_flight = false;
  --in_flight_;
  if (answer.result == Result::done && track.step != WriteStep::look) return recorded(at, now);
  if (answer.result == Result::exists && track.lasts && !track.notice.warning) return known(at);
  if (track.dropped) return erase(at);
  if (answer.result == Result::done) {
    track.count = answer.count + 1;
    track.step = WriteStep::count;
  } else if (answer.result == Result::exists && track.step == WriteStep::create) {
    track.step = WriteStep::look;
  } else if (answer.result == Result::gone && track.step != WriteStep::create && !track.recreated) {
    track.step = WriteStep::create;
    track.recreated = true;
  } else if (answer.result == Result::ending) {
    return ending(at, now);
  } else {
    return failed(at, now);
  }
  wait(id, track, now);
}

void Recorder::recorded(Tracks::iterator at, Time now) {
  auto& track = at->second;
  ++counts_.sent;
  if (track.dropped || !track.lasts) return erase(at);
  if (!track.notice.warning) return known(at);
  track.count = track.step == WriteStep::create ? 2 : track.count + 1;
  track.step = WriteStep::count;
  track.recreated = false;
  wait(at->first, track, now + limits_.refresh);
}

// The object is deleted with its Namespace, and so is its problem. If it is not, the next refresh reports it.
void Recorder::ending(Tracks::iterator at, Time now) {
  ++counts_.suppressed;
  auto& track = at->second;
  if (!track.lasts) return erase(at);
  track.step = WriteStep::create;
  track.recreated = false;
  wait(at->first, track, now + limits_.refresh);
}

// No further report is needed while it lasts.
void Recorder::known(Tracks::iterator at) {
  if (at->second.dropped) erase(at);
}

void Recorder::failed(Tracks::iterator at, Time now) {
  ++counts_.failed;
  auto& track = at->second;
  if (!track.lasts) return erase(at);
  track.recreated = false;
  wait(at->first, track, now + limits_.retry);
}

}  // namespace knm
