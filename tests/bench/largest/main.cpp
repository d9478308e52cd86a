#include <malloc.h>

#include <cstdlib>
#include <iostream>
#include <new>
#include <stdexcept>
#include <unordered_map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controller/intent/projections.hpp"
#include "controller/status/report.hpp"
#include "controller/status/state.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/measure.hpp"
#include "tests/bench/largest/shapes.hpp"
#include "tests/bench/support/kube_bytes.hpp"

// The cost of the largest objects that an API server accepts: to decode, store, interpret, bind and write them, to list
// them again without the written annotations, to change the readiness of one Pod, and to render the state. Prints one
// JSON object.

// Every allocated byte is counted.
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

// One page of a list of one kind, as from the API server.
template <class T>
std::string page(const std::vector<Encoded>& objects, Encoded::Kind kind) {
  std::string items;
  for (const auto& object : objects)
    if (object.kind == kind) items += list_item(object.bytes);
  return encode_list(k8s::resource_name<T>, 1, "", items);
}

// `take` gets each object of the body.
template <class T>
void list(const std::string& body, const k8s::Projection& projection, const auto& take) {
  constexpr std::size_t piece = 64 * 1024;
  const auto decoder = k8s::make_list_decoder<T>(k8s::Encoding::protobuf, projection, {}, [&](T&& object) {
    take(std::move(object));
    return base::Result<void>{};
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
  const auto take = [&](auto&& object) { machine.upsert(std::forward<decltype(object)>(object)); };
  list<k8s::Service>(lists.services, service_projection(settings), take);
  list<k8s::EndpointSlice>(lists.slices, {}, take);
  list<k8s::Pod>(lists.pods, pod_projection(settings), take);
}

// The API server: Pods are decoded again from the lists, since its memory does not belong to the controller.
Machine::MakePod pods_of(const std::vector<Encoded>& objects, const Settings& settings) {
  std::unordered_map<std::string, std::string> pages;  // of one Pod, by its key
  for (const auto& object : objects) {
    if (object.kind != Encoded::Kind::pod) continue;
    auto alone = page<k8s::Pod>({object}, Encoded::Kind::pod);
    std::string key;
    list<k8s::Pod>(alone, {}, [&](k8s::Pod&& pod) { key = tier_key(pod.meta.ns, pod.meta.name); });
    pages.insert_or_assign(std::move(key), std::move(alone));
  }
  return [pages = std::move(pages), settings](std::string_view ns, std::string_view name) {
    k8s::Pod out;
    list<k8s::Pod>(pages.at(tier_key(ns, name)), pod_projection(settings),
                   [&](k8s::Pod&& pod) { out = std::move(pod); });
    return out;
  };
}

json run(const LargestShape& shape, double share, std::size_t copies) {
  const Cluster cluster({});
  const auto settings = cluster.settings();
  std::vector<Encoded> objects;
  for (std::size_t i = 0; i < copies; ++i)
    for (auto& object : shape.make(share, i)) objects.push_back(std::move(object));
  const Lists lists{page<k8s::Pod>(objects, Encoded::Kind::pod), page<k8s::Service>(objects, Encoded::Kind::service),
                    page<k8s::EndpointSlice>(objects, Encoded::Kind::slice)};
  auto make_pod = pods_of(objects, settings);
  objects = {};
  const auto before = live_bytes;
  peak_bytes = live_bytes;
  std::chrono::nanoseconds wall{0};
  Machine machine(cluster, Machine::yes, std::move(make_pod));
  machine.upsert(cluster.ns(0));
  begin_counting();
  std::size_t requests = 0, reported = 0;
  {
    const Stopwatch watch(wall);
    feed(machine, lists, settings);
    machine.start();
    requests = machine.run();
    feed(machine, lists, settings);
    machine.run();
    list<k8s::EndpointSlice>(lists.slices, {}, [&](k8s::EndpointSlice&& slice) {
      for (auto& endpoint : slice.endpoints)
        if (endpoint.target_name == "pod-0") endpoint.ready = false;
      machine.upsert(std::move(slice));
    });
    machine.run();
    const auto state = state_of(machine.engine()).dump();
    const auto report = render_report(state);
    if (!report) throw std::runtime_error(report.error().message);
    reported = report->size();
  }
  dump_count("all");
  return {{"shape", shape.name},
          {"bytes", lists.size()},
          {"wall_ms", static_cast<double>(wall.count()) / 1e6},
          {"peak_bytes", peak_bytes - before},
          {"kept_bytes", live_bytes - before},
          {"requests", requests},
          {"report_bytes", reported}};
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
