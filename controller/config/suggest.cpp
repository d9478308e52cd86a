#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "controller/config/keys.hpp"

namespace knm {
namespace {

// Keys of the former Go program's INI file without a counterpart, and a key that others have, with the replacement.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> retired = {
    {{"master", "the kubeconfig names the Kubernetes API server; remove this key"},
     {"kubeconfig", "use the option --kubeconfig FILE"},
     {"resync-interval", "the controller watches Kubernetes; the key for audits of the config API is audit-interval"},
     {"auth-password", "write the password into a file, and the path of the file as auth-password-file"}}};

// Lower case, without separators of words: listenHttp and listen_http mean listen-http.
std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.' || c == ' ') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

// The Levenshtein distance: the number of letters to add, remove or change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

// Much longer than any key: no key is similar, and a comparison would only take time.
constexpr std::size_t longest_guess = 64;

}  // namespace

std::string advice_on_unknown_key(std::string_view name) {
  for (const auto& [key, advice] : retired) {
    if (key == name) return std::string(advice);
  }
  const auto wanted = folded(name);
  std::string_view best;
  auto least = std::max<std::size_t>(2, wanted.size() / 4) + 1;
  for (const auto& group : key_groups()) {
    for (const auto& key : group.keys) {
      if (wanted.size() > longest_guess) continue;
      const auto far = distance(wanted, folded(key.name));
      if (far >= least) continue;
      least = far;
      best = key.name;
    }
  }
  if (best.empty()) return "`kube-network-manager config reference` lists the keys";
  return "did you mean " + std::string(best) + "?";
}

}  // namespace knm
