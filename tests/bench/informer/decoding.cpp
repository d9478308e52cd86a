// The instructions of decoding and storing a list of Pods, for the gate: bench-decoding DATA-FOLDER PODS. Prints one
// JSON object; under callgrind it labels the counts (growth/measure.hpp): ENCODING-decode, and ENCODING, which includes
// the store.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "k8sclient/cache/store.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/bench/growth/measure.hpp"
#include "tests/bench/support/kube_bytes.hpp"

namespace {

using knm::bench::Stopwatch;

constexpr std::string_view sample_number = "12345";  // in the sample Pod's name and resourceVersion
constexpr std::size_t piece_bytes = 2048;            // of a body, as a kube-apiserver's chunks arrive

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The sample with another number, and so another name and version. All numbers have as many digits.
std::string numbered(std::string sample, std::size_t number) {
  const std::string digits = std::to_string(10'000 + number);
  for (auto at = sample.find(sample_number); at != std::string::npos; at = sample.find(sample_number, at + 1))
    sample.replace(at, sample_number.size(), digits);
  return sample;
}

std::string list_of(k8s::Encoding encoding, const std::string& folder, std::size_t pods) {
  const bool json = encoding == k8s::Encoding::json;
  const std::string sample = read_file(folder + (json ? "/pod.json" : "/pod.pb"));
  std::string items;
  for (std::size_t i = 0; i < pods; ++i)
    items += json ? (i > 0 ? "," : "") + numbered(sample, i) : knm::bench::list_item(numbered(sample, i));
  if (json)
    return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1000099999"},"items":[)" + items +
           "]}";
  return knm::bench::encode_list(k8s::resource_name<k8s::Pod>, 1'000'099'999, "", items);
}

void decode(k8s::Encoding encoding, std::string_view body, std::function<base::Result<void>(k8s::Pod&&)> take) {
  const k8s::Projection kept{{"app"}, {"opencontrail.org/pod-state"}};
  const auto decoder = k8s::make_list_decoder<k8s::Pod>(encoding, kept, {}, std::move(take));
  for (; !body.empty(); body.remove_prefix(std::min(piece_bytes, body.size())))
    if (const auto fed = decoder->feed(body.substr(0, piece_bytes)); !fed)
      throw std::runtime_error(fed.error().message);
  if (const auto done = decoder->finish(); !done) throw std::runtime_error(done.error().message);
}

std::size_t heap_bytes() {
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

// Counts the Pods that a reflector would deliver.
struct Delivered : k8s::Handler<k8s::Pod> {
  std::size_t pods = 0;
  void on_upsert(const k8s::Pod& /*object*/) override { ++pods; }
  void on_delete(const k8s::Pod& /*last_known*/) override {}
  void on_synced() override {}
};

// Returns the bytes that the store keeps.
std::size_t count(k8s::Encoding encoding, const std::string& label, const std::string& folder, std::size_t pods) {
  const std::string body = list_of(encoding, folder, pods);
  std::chrono::nanoseconds wall{0};
  std::size_t decoded = 0;
  {
    const Stopwatch watch(wall);
    decode(encoding, body, [&decoded](k8s::Pod&&) { return ++decoded, base::Result<void>{}; });
  }
  knm::bench::dump_count((label + "-decode").c_str());
  const std::size_t before = heap_bytes();
  k8s::Store<k8s::Pod> store;
  k8s::Store<k8s::Pod>::Listed listed;
  Delivered delivered;
  {
    const Stopwatch watch(wall);
    decode(encoding, body, [&](k8s::Pod&& pod) { return store.add(pod, listed), base::Result<void>{}; });
    store.replace(std::move(listed), delivered);
  }
  knm::bench::dump_count(label.c_str());
  if (decoded != pods || delivered.pods != pods || store.size() != pods)
    throw std::runtime_error("not every Pod of the list was decoded and stored");
  return heap_bytes() - before;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: bench-decoding DATA-FOLDER PODS\n", EXIT_FAILURE;
  try {
    const std::size_t pods = std::stoul(argv[2]);
    knm::bench::begin_counting();
    const std::size_t kept = count(k8s::Encoding::protobuf, "protobuf", argv[1], pods);
    count(k8s::Encoding::json, "json", argv[1], pods);
    std::cout << nlohmann::json{{"pods", pods}, {"kept_bytes", kept}}.dump() << '\n';
  } catch (const std::exception& failure) {
    return std::cerr << "bench-decoding: " << failure.what() << '\n', EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
