#include "tests/config-api/core/json_text.hpp"
#include "tests/config-api/core/router.hpp"

namespace standin {
namespace {

struct Action {
  const char* path;
  const char* name;
};

constexpr Action kActions[] = {
    {"/prop-collection-update", "prop-collection-update"},
    {"/ref-update", "ref-update"},
    {"/fqname-to-id", "name-to-id"},
    {"/id-to-fqname", "id-to-name"},
    {"/list-bulk-collection", "list-bulk-collection"},
    {"/virtual-network/%s/ip-alloc", "virtual-network-ip-alloc"},
    {"/virtual-network/%s/ip-free", "virtual-network-ip-free"},
};

void append_link(ListText& links, const char* rel, const std::string& href, const std::string& name,
                 const char* method_json) {
  ObjectText wrapper(links.element());
  ObjectText link(wrapper.member("link"));
  link.text("rel", rel);
  link.text("href", href);
  link.text("name", name);
  link.raw("method", method_json);
}

}  // namespace

std::string homepage(const std::string& base_url) {
  std::string out;
  {
    ObjectText page(out);
    page.text("href", base_url);
    ListText links(page.member("links"));
    for (const TypeInfo& type : schema()) {
      append_link(links, "collection", base_url + "/" + type.collection, type.name, "null");
      append_link(links, "resource-base", base_url + "/" + type.name, type.name, "null");
    }
    for (const Action& action : kActions)
      append_link(links, "action", base_url + action.path, action.name, R"("POST")");
  }
  return out;
}

}  // namespace standin
