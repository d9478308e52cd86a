#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace knm {

// Queues that take turns: each project with work has its own queue, and waits for at most one turn of each other
// project. A turn ends with a request (end_turn), not with an entry that needed none.
class Turns {
 public:
  using Item = std::uint32_t;
  using Project = std::uint64_t;  // text_digest() of its name

  void push(Item item, Project project);
  // The first entry of the project that has the turn; nullopt: there is no work.
  std::optional<Item> pop();
  void end_turn();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // The number of projects that have work, or have the turn.
  std::size_t lines() const { return order_.size(); }

 private:
  struct Line {
    Project project = 0;
    std::vector<Item> items;
    std::size_t next = 0;
    bool empty() const { return next == items.size(); }
    Item take();
  };
  using LineId = std::uint32_t;

  Line& first() { return lines_[order_.front()]; }
  void drop_first();

  std::deque<Line> lines_;
  std::vector<LineId> unused_;  // queues of projects without work; their memory is used again
  boost::unordered_flat_map<Project, LineId> line_of_;
  std::deque<LineId> order_;  // the first project has the turn
  std::size_t size_ = 0;
};

// The due entries, in turns of projects. All noisy projects share one turn, and take turns in it: if no other project
// has work, they are not slowed down.
class WorkQueue {
 public:
  using Item = Turns::Item;
  using Project = Turns::Project;

  void push(Item item, Project project, bool noisy = false) { (noisy ? noisy_ : quiet_).push(item, project); }
  // The next entry; with `noisy_too` false, none of a noisy project.
  std::optional<Item> pop(bool noisy_too = true);
  // Whether the last entry was a noisy project's.
  bool is_noisy() const { return from_noisy_; }
  // A request was sent for the last entry: the turn passes to the next project.
  void end_turn();

  bool empty() const { return quiet_.empty() && noisy_.empty(); }
  std::size_t size() const { return quiet_.size() + noisy_.size(); }

 private:
  Turns quiet_, noisy_;
  bool from_noisy_ = false;
  std::size_t quiet_turns_ = 0;  // since the last turn of the noisy projects
};

}  // namespace knm
