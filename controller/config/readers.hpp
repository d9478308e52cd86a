#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/config/names.hpp"
#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

// Convert values of the file to fields of the settings. Each reader leaves its field unchanged if the value is wrong,
// and reports what would be right.
namespace knm {

using Check = Fault (*)(std::string_view);

enum class Empty : std::uint8_t { refused, means_none };

void read_text(const Value& value, std::string& field, Check check, Empty empty = Empty::refused);
void read_bool(const Value& value, bool& field);
void read_number(const Value& value, int& field, int least, int most);
void read_port(const Value& value, std::uint16_t& field);
// A fraction: `1/3`, `0.33` or `33%`.
void read_fraction(const Value& value, double& field);
void read_duration(const Value& value, std::chrono::milliseconds& field, std::chrono::milliseconds least,
                   std::chrono::milliseconds most);

// Lists: a single value may be written without a list; duplicates are refused.
void read_texts(const Value& value, std::vector<std::string>& field, Check check, Empty empty);
// `spare`: the number of addresses in a range that are never assigned (network, broadcast, gateway, DNS); a range must
// have more. 0: any size is valid.
void read_ranges(const Value& value, std::vector<contrail::Cidr>& field, int spare, Empty empty);
void read_cluster_services(const Value& value, std::vector<ClusterService>& field);
void read_external_services(const Value& value, std::map<std::string, ExternalService>& field);

void read_pattern(const Value& value, Pattern& field, Empty empty);
void read_listen_address(const Value& value, ListenAddress& field);
void read_level(const Value& value, log::Level& field);
void read_format(const Value& value, log::Format& field);

}  // namespace knm
