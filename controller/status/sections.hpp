#pragma once

#include <nlohmann/json.hpp>

#include "controller/status/canvas.hpp"

// The parts of the report, in order. Each reads the state (see state.hpp) and throws Json::exception where a member is
// missing or of another type: render_report() turns that into an error.
namespace knm {

using Json = nlohmann::ordered_json;

class CallOrder;

void write_header(Canvas& canvas, const Json& state);
// Namespace by namespace: tiers and pods, access, addresses.
void write_namespaces(Canvas& canvas, const Json& state);
void write_networks(Canvas& canvas, const Json& state);
// Nothing where nothing is.
void write_outside(Canvas& canvas, const Json& state);
void write_out_of_step(Canvas& canvas, const Json& state);
void write_problems(Canvas& canvas, const Json& state);
void write_notices(Canvas& canvas, const Json& state);

// Who may reach whom in a namespace, and why; a table where there is room for one.
void write_access(Canvas& canvas, const Json& state, const Json& ns, const CallOrder& order);

// --- What the parts share
// A member that is text, fit to be shown.
std::string text_of(const Json& object, const char* member);
// The name in "ns/name".
std::string last_part(const std::string& key);
std::size_t count_of(const Json& object, const char* member);
// "1 pod", "2 pods"; `many` where the plural is not `one` and an s.
std::string counted(std::size_t count, std::string_view one, std::string_view many = {});
// "and 7 more", in dim; nothing where nothing is left.
void add_rest(std::vector<Spans>& items, std::size_t shown, std::size_t total, const Glyphs& glyphs);

}  // namespace knm
