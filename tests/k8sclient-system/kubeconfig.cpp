// Prints what the library reads of kubeconfig files, as JSON, or its error: k8s_kubeconfig [--context NAME] FILE...
#include "k8sclient/config/kubeconfig.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

int main(int argc, char** argv) {
  std::vector<std::string> files;
  std::string context;
  CLI::App app;
  app.add_option("files", files)->required();
  app.add_option("--context", context);
  CLI11_PARSE(app, argc, argv);
  const auto config = k8s::load_kubeconfig(files, context);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return 1;
  }
  nlohmann::json out = {{"server", config->server.url()},     {"tls_server_name", config->tls.server_name},
                        {"insecure", config->tls.insecure},   {"ca_file", config->tls.ca_file},
                        {"ca_data", config->tls.ca_data},     {"cert_file", config->tls.cert_file},
                        {"cert_data", config->tls.cert_data}, {"key_file", config->tls.key_file},
                        {"key_data", config->tls.key_data},   {"token", config->token},
                        {"token_file", config->token_file},   {"namespace", config->default_namespace}};
  if (const auto& plugin = config->plugin)
    out["plugin"] = {{"api_version", plugin->api_version},
                     {"command", plugin->command},
                     {"args", plugin->args},
                     {"env", plugin->env},
                     {"cluster_info", plugin->provide_cluster_info}};
  std::puts(out.dump().c_str());
}
