#include <iostream>
#include <string>

#include "tests/scenarios/graph.hpp"

// What is seen on real servers, drawn as scenarios expect it (graph.hpp). Each line of the input is
//
//   {"objects": …, "pod_states": {"ns/name": text}, "ingress": {"ns/name": [address]}, "problems": {"Pod ns/name":
//    [reason]}, "uids": {uid: "pod ns/name"}, "in_full": false}
//
// ("objects" in the form of the stand-in's /_control/dump), and each line of the output is its graph: {object: text}.
namespace knm::test {
namespace {

void draw_lines(std::istream& in, std::ostream& out) {
  for (std::string line; std::getline(in, line);) {
    const auto given = nlohmann::json::parse(line);
    const Sight sight{given.at("objects"), given.at("pod_states"), given.at("ingress"), given.at("problems"), true};
    out << nlohmann::json(graph_of(sight, given.at("uids"), given.at("in_full"))) << std::endl;
  }
}

}  // namespace
}  // namespace knm::test

int main() {
  try {
    knm::test::draw_lines(std::cin, std::cout);
  } catch (const std::exception& error) {
    std::cerr << "scenario-graph: " << error.what() << '\n';
    return 1;
  }
}
