#include "controller/intent/backend_group.hpp"

namespace knm {

bool BackendGroup::counts() const { return has_selector || roster.mapped > 0; }

}  // namespace knm
