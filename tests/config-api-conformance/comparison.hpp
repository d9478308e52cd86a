#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace conformance {

/// What the variables of the recordings ("$U1", "$E1") stand for in this run. A variable is bound where it first occurs
/// in an answer, to a value that no other has.
class Bindings {
 public:
  /// Puts the values in place of the bound variables.
  [[nodiscard]] std::string fill_in(std::string text) const;
  void bind(const std::string& variable, const std::string& value);
  [[nodiscard]] const std::string* find(const std::string& variable) const;
  /// Binds unless the variable stands for another value or the value belongs to another variable.
  bool unify(const std::string& variable, const std::string& value);

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> taken_;
};

struct Rules {
  bool exact = true;     ///< no members but the recorded ones
  bool ordered = false;  ///< lists of objects that have a name compare in order
  std::string host;      ///< what http://HOST stands for
};

/// Compares an answer with the recorded one by the rules of README.md. @return the first difference, or nothing
std::optional<std::string> find_difference(const nlohmann::json& recorded, const nlohmann::json& answer,
                                           const Rules& rules, Bindings& bindings);

}  // namespace conformance
