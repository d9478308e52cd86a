#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace conformance {

/// The values of the variables of the recordings ("$U1", "$E1") in this run. The first answer with a variable binds it,
/// to a value that no other variable has.
class Bindings {
 public:
  /// Replaces the bound variables by their values.
  [[nodiscard]] std::string fill_in(std::string text) const;
  void bind(const std::string& variable, const std::string& value);
  [[nodiscard]] const std::string* find(const std::string& variable) const;
  /// Binds the variable, except if it has another value or if another variable has the value.
  bool unify(const std::string& variable, const std::string& value);

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> taken_;
};

struct Rules {
  bool exact = true;     ///< no members but the recorded ones
  bool ordered = false;  ///< lists of objects that have a name compare in order
  std::string host;      ///< the value of http://HOST
};

/// Compares an answer with the recorded one by the rules of README.md. @return the first difference, or nothing
std::optional<std::string> find_difference(const nlohmann::json& recorded, const nlohmann::json& answer,
                                           const Rules& rules, Bindings& bindings);

}  // namespace conformance
