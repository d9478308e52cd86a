#pragma once

#include "controller/status/canvas.hpp"
#include "controller/status/json_text.hpp"

// The sections of the report, in order. Each reads the state (see state.hpp) and throws Json::exception if a member is
// missing or has another type: render_report() turns that into an error.
namespace knm {

class CallOrder;

void write_header(Canvas& canvas, const Json& state);
// For each Namespace: tiers and Pods, access, addresses.
void write_namespaces(Canvas& canvas, const Json& state);
void write_networks(Canvas& canvas, const Json& state);
// Writes nothing if there is no external network.
void write_outside(Canvas& canvas, const Json& state);
void write_out_of_step(Canvas& canvas, const Json& state);
void write_problems(Canvas& canvas, const Json& state);
void write_notices(Canvas& canvas, const Json& state);

// The access between tiers of a Namespace and its reasons; as a table if there is room.
void write_access(Canvas& canvas, const Json& state, const Json& ns, const CallOrder& order);

// --- Shared helpers
// A text member in printable form.
std::string text_of(const Json& object, const char* member);
// The name in "ns/name".
std::string last_part(const std::string& key);
std::size_t count_of(const Json& object, const char* member);
// "1 pod", "2 pods"; `many`: the plural, if it is not `one` with an s.
std::string counted(std::size_t count, std::string_view one, std::string_view many = {});
// "and 7 more", in dim; nothing if all items are shown.
void add_rest(std::vector<Spans>& items, std::size_t shown, std::size_t total, const Glyphs& glyphs);

}  // namespace knm
