// Drives the library against a real API server, for system tests in Python: `reflect --help`. Prints JSON, a line each.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "base/task_group.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/config/kubeconfig.hpp"
#include "tests/k8sclient-system/to_json.hpp"

namespace {

namespace asio = boost::asio;
using nlohmann::json;

struct Settings {
  std::string kubeconfig, context;
  std::vector<std::string> labels, annotations;
  bool json_only = false, streaming_list = false;
  std::size_t page_size = 500;
  int watch_seconds = 300, grace_milliseconds = 15'000, silence_milliseconds = 150'000, most_retry_seconds = 300;
};

void print(const json& value) { std::cout << value.dump() << '\n' << std::flush; }

void print_log(base::LogLevel level, std::string_view message, const std::vector<base::LogField>&) {
  print({{"log", message}, {"level", static_cast<int>(level)}});
}

// One kind: its reflector, and a handler that counts and tells of events.
template <class T>
class Kind : public k8s::Handler<T> {
 public:
  Kind(const k8s::Client& client, const k8s::ReflectorOptions& options) : reflector_(client, options, *this) {}

  void on_upsert(const T& object) override { ++upserts_, tell("upsert", object); }
  void on_delete(const T& object) override { ++deletes_, tell("delete", object); }
  void on_synced() override {
    print({{"synced", k8s::resource_name<T>.plural}, {"objects", reflector_.store().size()}});
  }

  void start(base::TaskGroup& tasks) { tasks.spawn(std::string(k8s::resource_name<T>.plural), reflector_.run()); }

  json dump() const {
    json objects = json::object();
    for (const auto& [key, object] : reflector_.store()) objects[key] = test::to_json(object);
    const auto& stats = reflector_.stats();
    return {{"objects", std::move(objects)}, {"synced", reflector_.synced()}, {"version", reflector_.last_seen()},
            {"upserts", upserts_},           {"deletes", deletes_},           {"lists", stats.lists},
            {"pages", stats.pages},          {"watches", stats.watches},      {"events", stats.events},
            {"failures", stats.failures},    {"bytes", stats.bytes},          {"last_error", stats.last_error}};
  }

 private:
  void tell(const char* what, const T& object) {
    if (!reflector_.synced()) return;
    print({{what, k8s::object_key(object.meta)}, {"kind", k8s::resource_name<T>.kind}, {"uid", object.meta.uid}});
  }

  std::size_t upserts_ = 0, deletes_ = 0;
  k8s::Reflector<T> reflector_;
};

const char* name_of(k8s::WriteOutcome outcome) {
  switch (outcome) {  // no table: the compiler counts here
    case k8s::WriteOutcome::done:
      return "done";
    case k8s::WriteOutcome::conflict:
      return "conflict";
    case k8s::WriteOutcome::gone:
      return "gone";
    case k8s::WriteOutcome::unauthorized:
      return "unauthorized";
    case k8s::WriteOutcome::forbidden:
      return "forbidden";
    case k8s::WriteOutcome::ending:
      return "ending";
    case k8s::WriteOutcome::invalid:
      return "invalid";
    case k8s::WriteOutcome::dropped:
      return "dropped";
    case k8s::WriteOutcome::busy:
      return "busy";
    case k8s::WriteOutcome::not_sent:
      return "not_sent";
    case k8s::WriteOutcome::unknown:
      return "unknown";
  }
  return "";
}

void print_result(const k8s::WriteResult& result) {
  print({{"outcome", name_of(result.outcome)}, {"version", result.resource_version}, {"error", result.error.message}});
}

// Commands on standard input, a line each: "dump", "annotate NS NAME UID KEY [VALUE]", "ingress NS NAME UID [IP...]",
// "writer-of NS NAME UID KEY", "apply PATH MANAGER OBJECT [force]", "merge-patch PATH PATCH", "json-patch PATH PATCH",
// "remove PATH [UID]", "get PATH"; JSON without spaces. Ends at its end.
asio::awaitable<void> obey(k8s::Client& client, std::function<json()> dump) {
  asio::posix::stream_descriptor input(client.executor(), ::dup(STDIN_FILENO));
  std::string buffer;
  for (;;) {
    const auto [ec, size] =
        co_await asio::async_read_until(input, asio::dynamic_buffer(buffer), '\n', asio::as_tuple(asio::use_awaitable));
    if (ec) co_return;
    std::istringstream line(buffer.substr(0, size - 1));
    buffer.erase(0, size);
    std::vector<std::string> words;
    for (std::string word; line >> word;) words.push_back(word);
    if (words.empty()) continue;
    const k8s::ObjectRef ref = words.size() > 3 ? k8s::ObjectRef{words[1], words[2], words[3]} : k8s::ObjectRef{};
    if (words[0] == "dump") {
      print({{"dump", dump()}});
    } else if (words[0] == "annotate" && words.size() > 4) {
      const auto value = words.size() > 5 ? std::optional(words[5]) : std::nullopt;
      print_result(co_await client.patch_annotation(ref, words[4], value));
    } else if (words[0] == "ingress" && words.size() > 3) {
      print_result(co_await client.patch_load_balancer(ref, {words.begin() + 4, words.end()}));
    } else if (words[0] == "take-out" && words.size() > 4) {  // the IPs, among all the entries that follow "of"
      const auto of = std::find(words.begin() + 4, words.end(), "of");
      if (of == words.end()) continue;
      print_result(co_await client.remove_from_load_balancer(ref, {of + 1, words.end()}, {words.begin() + 4, of}));
    } else if (words[0] == "apply" && words.size() > 3) {
      const auto force = words.size() > 4 ? k8s::Client::OnConflict::take_over : k8s::Client::OnConflict::refuse;
      print_result(co_await client.apply(words[1], words[3], force, words[2]));
    } else if (words[0] == "merge-patch" && words.size() > 2) {
      print_result(co_await client.merge_patch(words[1], words[2]));
    } else if (words[0] == "json-patch" && words.size() > 2) {
      print_result(co_await client.json_patch(words[1], words[2]));
    } else if (words[0] == "remove" && words.size() > 1) {
      print_result(co_await client.remove(words[1], words.size() > 2 ? words[2] : ""));
    } else if (words[0] == "writer-of" && words.size() > 4) {
      print({{"outcome", co_await client.writer_of_annotation(ref, words[4])}});
    } else if (words[0] == "get" && words.size() > 1) {
      const auto object = co_await client.get(words[1]);
      print({{"got", object ? json::parse(*object, nullptr, false) : json()},
             {"error", object ? "" : object.error().message}});
    } else {
      print({{"error", "no such command: " + words[0]}});
    }
  }
}

template <class T>
std::unique_ptr<Kind<T>> make_kind(const k8s::Client& client, const Settings& settings) {
  k8s::ReflectorOptions options;
  options.projection = {settings.labels, settings.annotations};
  options.json_only = settings.json_only;
  options.watch.page_size = settings.page_size;
  options.watch.streaming_list = settings.streaming_list;
  options.watch.watch_timeout = std::chrono::seconds(settings.watch_seconds);
  options.watch.max_retry_after = std::chrono::seconds(settings.most_retry_seconds);
  options.watch.backoff.initial = std::chrono::milliseconds(50);
  options.silence_grace = std::chrono::milliseconds(settings.grace_milliseconds);
  options.silence_limit = std::chrono::milliseconds(settings.silence_milliseconds);
  return std::make_unique<Kind<T>>(client, options);
}

asio::awaitable<void> session(k8s::Client& client, const Settings& settings) {
  const auto pods = make_kind<k8s::Pod>(client, settings);
  const auto services = make_kind<k8s::Service>(client, settings);
  const auto namespaces = make_kind<k8s::Namespace>(client, settings);
  const auto slices = make_kind<k8s::EndpointSlice>(client, settings);
  base::TaskGroup tasks(client.executor(),
                        [](const std::string& name, std::exception_ptr) { print({{"died", name}}); });
  pods->start(tasks);
  services->start(tasks);
  namespaces->start(tasks);
  slices->start(tasks);
  co_await obey(client, [&] {
    return json{{"pods", pods->dump()},
                {"services", services->dump()},
                {"namespaces", namespaces->dump()},
                {"endpointslices", slices->dump()}};
  });
  tasks.cancel();
  co_await tasks.join();
  print({{"ended", true}});
}

int run(const Settings& settings) {
  const auto config = k8s::load_kubeconfig({settings.kubeconfig}, settings.context);
  if (!config) return print({{"fatal", config.error().message}}), 1;
  for (const auto& warning : config->warnings) print({{"warning", warning}});
  asio::io_context context(1);
  k8s::ClientOptions options;
  options.user_agent = "reflect";
  options.log = print_log;
  auto client = k8s::Client::create(context.get_executor(), *config, options);
  if (!client) return print({{"fatal", client.error().message}}), 1;
  asio::co_spawn(context, session(**client, settings), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  context.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Reflects pods, services, namespaces and endpoint slices; reads commands from standard input");
  app.add_option("--kubeconfig", settings.kubeconfig)->required();
  app.add_option("--context", settings.context);
  app.add_option("--label", settings.labels, "a label to keep (repeat)");
  app.add_option("--annotation", settings.annotations, "an annotation to keep (repeat)");
  app.add_flag("--json", settings.json_only, "do not ask for protobuf");
  app.add_option("--page-size", settings.page_size);
  app.add_flag("--streaming-list", settings.streaming_list, "prefer streaming lists to lists in pages");
  app.add_option("--watch-seconds", settings.watch_seconds);
  app.add_option("--grace", settings.grace_milliseconds, "milliseconds");
  app.add_option("--silence", settings.silence_milliseconds, "milliseconds");
  app.add_option("--max-retry-after", settings.most_retry_seconds, "seconds");
  CLI11_PARSE(app, argc, argv);
  return run(settings);
}
