#include <malloc.h>

#include <cstdlib>
#include <iostream>
#include <new>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controller/status/report.hpp"
#include "controller/status/state.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/measure.hpp"
#include "tests/bench/largest/shapes.hpp"
#include "tests/bench/support/kube_bytes.hpp"

// What the largest objects that an API server takes cost: decoded, kept, understood, bound, written, listed once more,
// and told. Prints one JSON object.

// Every byte that is allocated is counted.
namespace {
std::size_t live_bytes = 0, peak_bytes = 0;
}  // namespace

void* operator new(std::size_t size) {
  auto* memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  live_bytes += malloc_usable_size(memory);
  peak_bytes = std::max(peak_bytes, live_bytes);
  return memory;
}
void operator delete(void* memory) noexcept {
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept { operator delete(memory); }

namespace {

using nlohmann::json;
using namespace knm;
using namespace knm::bench;

// One kind's page of a list, as the API server sends it.
template <class T>
std::string page(const std::vector<Encoded>& objects, Encoded::Kind kind) {
  std::string items;
  for (const auto& object : objects)
    if (object.kind == kind) items += list_item(object.bytes);
  return encode_list(k8s::resource_name<T>, 1, "", items);
}

template <class T>
void list(Machine& machine, const std::string& body, const k8s::Projection& projection) {
  constexpr std::size_t piece = 64 * 1024;
  const auto decoder = k8s::make_list_decoder<T>(k8s::Encoding::protobuf, projection, {}, [&](T&& object) {
    machine.upsert(std::move(object));
    return k8s::Result<void>{};
  });
  for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size())))
    if (const auto fed = decoder->feed(rest.substr(0, piece)); !fed) throw std::runtime_error(fed.error().message);
  if (const auto done = decoder->finish(); !done) throw std::runtime_error(done.error().message);
}

struct Lists {
  std::string pods, services, slices;
  std::size_t size() const { return pods.size() + services.size() + slices.size(); }
};

void feed(Machine& machine, const Lists& lists, const Settings& settings) {
  k8s::Projection pods;
  pods.labels = settings.network_label;
  pods.labels.insert(pods.labels.end(), settings.service_label.begin(), settings.service_label.end());
  pods.annotations = settings.service_label;
  pods.annotations.emplace_back("opencontrail.org/pod-state");
  list<k8s::Service>(machine, lists.services, {settings.network_label, {}});
  list<k8s::EndpointSlice>(machine, lists.slices, {});
  list<k8s::Pod>(machine, lists.pods, pods);
}

json run(const LargestShape& shape, double share, std::size_t copies) {
  const Cluster cluster({});
  const auto settings = cluster.settings();
  std::vector<Encoded> objects;
  for (std::size_t i = 0; i < copies; ++i)
    for (auto& object : shape.make(share, i)) objects.push_back(std::move(object));
  const Lists lists{page<k8s::Pod>(objects, Encoded::Kind::pod), page<k8s::Service>(objects, Encoded::Kind::service),
                    page<k8s::EndpointSlice>(objects, Encoded::Kind::slice)};
  objects = {};
  const auto before = live_bytes;
  peak_bytes = live_bytes;
  std::chrono::nanoseconds wall{0};
  Machine machine(cluster);
  machine.upsert(cluster.ns(0));
  begin_counting();
  std::size_t requests = 0, told = 0;
  {
    const Stopwatch watch(wall);
    feed(machine, lists, settings);
    machine.start();
    requests = machine.run();
    feed(machine, lists, settings);
    machine.run();
    const auto state = state_of(machine.engine()).dump();
    const auto report = render_report(state);
    if (!report) throw std::runtime_error(report.error().message);
    told = report->size();
  }
  dump_count("all");
  return {{"shape", shape.name},
          {"bytes", lists.size()},
          {"wall_ms", static_cast<double>(wall.count()) / 1e6},
          {"peak_bytes", peak_bytes - before},
          {"kept_bytes", live_bytes - before},
          {"requests", requests},
          {"report_bytes", told}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What the largest objects that an API server takes cost.", "bench-largest");
  std::string name;
  double share = 1;
  std::size_t copies = 1;
  bool names = false;
  app.add_option("--shape", name, "which one; --names lists them");
  app.add_option("--share", share, "of the largest")->capture_default_str();
  app.add_option("--copies", copies)->capture_default_str();
  app.add_flag("--names", names, "list the shapes");
  CLI11_PARSE(app, argc, argv);
  json out = json::array();
  for (const auto& shape : largest_shapes()) {
    if (names)
      out.push_back(shape.name);
    else if (shape.name == name)
      out = run(shape, share, copies);
  }
  std::cout << out.dump() << '\n';
  return EXIT_SUCCESS;
}
