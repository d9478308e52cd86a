#pragma once

#include <string>
#include <vector>

// Protobuf of an API server, encoded by hand to test data that a real server never sends.
namespace test {

std::string field(unsigned number, const std::string& bytes);     // length-delimited
std::string number_field(unsigned number, unsigned long long n);  // varint

// Pod{metadata{name, namespace "ns", uid, resourceVersion}}; Service, Namespace and EndpointSlice begin in the same
// way.
std::string object(const std::string& name, unsigned long long version, const std::string& uid = "u");

// "k8s\0" Unknown{typeMeta, raw}.
std::string envelope(const std::string& api_version, const std::string& kind, const std::string& raw);

std::string list(const std::string& kind, unsigned long long version, const std::vector<std::string>& items,
                 const std::string& continue_token = "");

// A frame of a watch; `kind` as in envelope().
std::string frame(const std::string& type, const std::string& kind, const std::string& raw);

std::string status(int code, const std::string& reason, const std::string& message, int retry_after = 0);

}  // namespace test
