#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace knm {

// Lines of work that take turns: each project that has any has a line of its own, and however long that is, the others
// wait for one turn of it. A turn ends with a request (end_turn), not with work that turned out to need none.
class Turns {
 public:
  using Item = std::uint32_t;
  using Project = std::uint64_t;  // text_digest() of its name

  void push(Item item, Project project);
  // The first of whose turn it is; nullopt: there is no work.
  std::optional<Item> pop();
  void end_turn();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // How many projects have work, or have the turn.
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
  std::vector<LineId> unused_;  // lines of projects that have no work: the next one has their memory
  boost::unordered_flat_map<Project, LineId> line_of_;
  std::deque<LineId> order_;  // the first has the turn
  std::size_t size_ = 0;
};

// What is to be looked at, in turns of projects. The noisy ones have one turn among all others' together, and
// take turns in that: where no other has work they lose nothing by it.
class WorkQueue {
 public:
  using Item = Turns::Item;
  using Project = Turns::Project;

  void push(Item item, Project project, bool noisy = false) { (noisy ? noisy_ : quiet_).push(item, project); }
  // The next one; without `noisy_too` none of a noisy project.
  std::optional<Item> pop(bool noisy_too = true);
  // Whether that was a noisy project's.
  bool is_noisy() const { return from_noisy_; }
  // A request was made of it: it is the next one's turn.
  void end_turn();

  bool empty() const { return quiet_.empty() && noisy_.empty(); }
  std::size_t size() const { return quiet_.size() + noisy_.size(); }

 private:
  Turns quiet_, noisy_;
  bool from_noisy_ = false;
  std::size_t quiet_turns_ = 0;  // since the last one of the noisy
};

}  // namespace knm
