#pragma once

#include <optional>
#include <string>
#include <string_view>

// Rules for names in the configuration. Each function returns what is wrong with a name and what would be right, or
// nothing if it is valid. The rules are those of the Kubernetes API ("Object Names and IDs", "Labels and Selectors")
// and of the config API (no ':' and no control characters).
namespace knm {

using Fault = std::optional<std::string>;

// A text of the configuration in a message: `text`.
std::string in_backticks(std::string_view text);

// A Namespace or cluster name: RFC 1123 label, at most 63 characters.
Fault fault_of_dns_label(std::string_view name);

// A non-empty label value: at most 63 characters.
Fault fault_of_label_value(std::string_view value);

// `name` or `prefix/name`, the prefix a DNS subdomain.
Fault fault_of_label_key(std::string_view key);

// A name of the config API: one element of an fq name.
Fault fault_of_element(std::string_view name);

// An fq name of two (project) or three (network) elements joined by ':'.
Fault fault_of_project_name(std::string_view name);
Fault fault_of_network_name(std::string_view name);

// A host name or an address, without scheme, port and brackets.
Fault fault_of_host(std::string_view host);

// An absolute path. The fault does not repeat the text, which may be a secret by mistake.
Fault fault_of_file(std::string_view path);

// The URL of Keystone's Identity API v3: "https://keystone.example.org:5000/v3".
Fault fault_of_keystone_url(std::string_view url);

// A name or an id of Keystone: not empty, without control characters.
Fault fault_of_keystone_name(std::string_view name);

}  // namespace knm
