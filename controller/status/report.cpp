#include "controller/status/report.hpp"

#include <algorithm>

#include "controller/status/sections.hpp"
#include "controller/status/state.hpp"

namespace knm {

base::Result<std::string> render_report(std::string_view state, const RenderOptions& options) {
  constexpr std::size_t narrowest = 60, widest = 120;
  const auto refused = [](std::string why) {
    return base::Error{make_error_code(boost::system::errc::bad_message), std::move(why)};
  };
  const auto json = Json::parse(state, nullptr, false);
  if (json.is_discarded())
    return refused("the answer of the server is not JSON; check that a kube-network-manager listens there");
  if (!json.is_object() || json.value("format", Json()) != state_format)
    return refused("the state of the server has a format that this program does not read (it reads format " +
                   std::to_string(state_format) + "); use `report` of the version that runs there, or --output json");
  Canvas canvas({std::clamp(options.width, narrowest, widest), options.colour, options.utf8, options.full});
  try {
    write_header(canvas, json);
    write_namespaces(canvas, json);
    write_networks(canvas, json);
    write_outside(canvas, json);
    write_out_of_step(canvas, json);
    write_problems(canvas, json);
    write_notices(canvas, json);
  } catch (const Json::exception& error) {
    return refused(std::string("the state of the server is invalid: ") + error.what());
  }
  return canvas.take();
}

}  // namespace knm
