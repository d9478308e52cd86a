#include "tests/unit/k8sclient/support/json_texts.hpp"

#include <algorithm>
#include <functional>

namespace test {
namespace {

using namespace std::string_view_literals;

template <class List>
auto pick(std::mt19937& random, const List& list) {
  return list[random() % std::size(list)];
}

constexpr std::string_view scalars[] = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "7",
                                        "-12",
                                        "2147483647",
                                        "2147483648",
                                        "-2147483648",
                                        "-2147483649",
                                        "9223372036854775808",
                                        "18446744073709551616",
                                        "1.0",
                                        "-2.5e3",
                                        "1E+2",
                                        "1e-400",
                                        "0.25",
                                        "8e1",
                                        "123456789012345678901234567890"};
constexpr std::string_view characters[] = {"a",       "name",
                                           "-",       "0",
                                           "/",       "\\\"",
                                           "\\\\",    "\\/",
                                           "\\n",     "\\t",
                                           "é",       "✓",
                                           "\\u0041", "\\ud83d\\ude00",
                                           "\\u00e9", "\U0001F600",
                                           " ",       "longer than one word of eight bytes"};
constexpr std::string_view blanks[] = {"", "", "", "", " ", "\n", "\t \r"};

std::string random_text(std::mt19937& random) {
  std::string out = "\"";
  for (auto left = random() % 5; left > 0; --left) out += pick(random, characters);
  return out + "\"";
}

// Members between braces; each name is there once at most, but for some that are repeated.
using Members = std::vector<std::string>;
std::string object_of(Members members, std::mt19937& random) {
  if (!members.empty() && random() % 8 == 0) members.push_back(pick(random, members));
  if (random() % 4 == 0) std::shuffle(members.begin(), members.end(), random);
  std::string out;
  for (const auto& member : members) {
    if (random() % 16 == 0) continue;
    out += out.empty() ? "" : ",";
    out.append(pick(random, blanks)).append(member);
  }
  return "{" + out + "}";
}

// `"name":value`; now and then another value, or the name with an escape.
std::string member(std::string name, const std::string& value, std::mt19937& random) {
  std::string out = random() % 24 == 0
                        ? "\"\\u00" + std::string("0123456789abcdef"sv.substr(name[0] >> 4 & 15, 1)) +
                              std::string("0123456789abcdef"sv.substr(name[0] & 15, 1)) + name.substr(1) + "\":"
                        : "\"" + name + "\":";
  return out + (random() % 24 == 0 ? random_json(random, 2) : value);
}

std::string list_of(std::mt19937& random, const std::function<std::string()>& element) {
  std::string out;
  for (auto left = random() % 3; left > 0; --left) out += (out.empty() ? "" : ",") + element();
  return "[" + out + "]";
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string any_of(std::mt19937& random, const std::vector<std::string_view>& words) {
  return quoted(pick(random, words));
}

// Texts for the members of an object, each with a value of the type that the API has.
Members texts(std::mt19937& random, const std::vector<std::string_view>& names) {
  Members out;
  for (const auto name : names) out.push_back(member(std::string(name), random_text(random), random));
  return out;
}

Members joined(Members a, const Members& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string random_map(std::mt19937& random) {
  return object_of(texts(random, {"keep", "name", "other", "uses", "kubernetes.io/config.mirror",
                                  "kubernetes.io/service-name", "k8s.io/initial-events-end"}),
                   random);
}

std::string random_meta(std::mt19937& random) {
  return object_of(
      {member("name", any_of(random, {"web-0", "a", "\\u0061"}), random), member("namespace", quoted("shop"), random),
       member("uid", random_text(random), random), member("resourceVersion", quoted("17"), random),
       member("creationTimestamp", any_of(random, {"2026-11-30T12:00:00Z", "2026-11-30", ""}), random),
       member("deletionTimestamp", pick(random, std::vector{"null", "\"2026-11-30T12:00:00Z\""}), random),
       member("labels", random_map(random), random), member("annotations", random_map(random), random),
       member("managedFields", random_json(random, 4), random)},
      random);
}

std::string random_port(std::mt19937& random) {
  const std::string target = random() % 2 == 0 ? "8080" : quoted("http");
  return object_of(
      {member("name", quoted("http"), random), member("protocol", quoted("UDP"), random), member("port", "80", random),
       member("nodePort", std::string(pick(random, scalars)), random), member("targetPort", target, random)},
      random);
}

std::string random_spec(std::mt19937& random) {
  const auto text = [&random] { return random_text(random); };
  return object_of(
      joined({member("hostNetwork", "true", random), member("selector", random_map(random), random),
              member("type", any_of(random, {"ClusterIP", "LoadBalancer", "Wormhole"}), random),
              member("ports", list_of(random, [&] { return random_port(random); }), random),
              member("clusterIPs", list_of(random, text), random), member("externalIPs", list_of(random, text), random),
              member("loadBalancerSourceRanges", list_of(random, text), random),
              member("publishNotReadyAddresses", "false", random)},
             texts(random, {"nodeName", "clusterIP", "loadBalancerClass", "loadBalancerIP", "externalTrafficPolicy",
                            "internalTrafficPolicy", "sessionAffinity"})),
      random);
}

std::string random_status(std::mt19937& random) {
  const auto condition = [&random] {
    return object_of({member("type", any_of(random, {"Ready", "Initialized"}), random),
                      member("status", any_of(random, {"True", "False"}), random)},
                     random);
  };
  const auto ingress = [&random] { return object_of(texts(random, {"ip", "hostname"}), random); };
  return object_of(
      {member("phase", any_of(random, {"Running", "Failed", "Odd"}), random),
       member("conditions", list_of(random, condition), random),
       member("loadBalancer", object_of({member("ingress", list_of(random, ingress), random)}, random), random)},
      random);
}

std::string random_endpoint(std::mt19937& random) {
  const auto conditions = object_of(
      {member("ready", "true", random), member("serving", "false", random), member("terminating", "null", random)},
      random);
  return object_of(
      {member("addresses", list_of(random, [&] { return random_text(random); }), random),
       member("conditions", conditions, random), member("nodeName", random_text(random), random),
       member("targetRef", object_of(texts(random, {"kind", "namespace", "name", "uid"}), random), random)},
      random);
}

Members object_members(std::mt19937& random) {
  return {member("metadata", random_meta(random), random),
          member("spec", random_spec(random), random),
          member("status", random_status(random), random),
          member("addressType", any_of(random, {"IPv4", "IPv6", "FQDN", "IPv9"}), random),
          member("endpoints", list_of(random, [&] { return random_endpoint(random); }), random),
          member("ports", list_of(random, [&] { return random_port(random); }), random)};
}

}  // namespace

std::vector<std::string_view> json_texts() {
  return {// Valid.
          "{}", "[]", " [ ] ", "\t\r\n{ } ", "\"\"", "\"a\"", "null", "true", "false", "0", "-0", "10", "0.5", "1e1",
          "1E-1", R"({"a":{"b":[1,"c",{"d":null}]},"e":""})", "\xef\xbb\xbf{}", "[\"\x7f\"]", "[1e308]", "[1e-999]",
          "[0e999]", R"(["\"\\\/\b\f\n\r\t"])", R"(["\u0000\u001f\uFFFF\ud800\udc00\uDBFF\uDFFF"])",
          "[\"é✓\U0001F600\xef\xbf\xbf\"]", R"({"a":1,"a":{"b":2},"\u0061":[]})", R"({"":{"":[[[]]]}})",
          "[\"0123456\",\"01234567\",\"012345678\"]",
          "[123456789012345678901234567890,-9223372036854775809,18446744073709551616]",
          // Invalid.
          "", " ", "\xef\xbb", "\xef\xbb\xbf", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{,}",
          R"({"a"})", R"({"a":})", R"({"a":1,})", R"({"a":1 "b":2})", R"({a:1})", R"({1:2})", R"({"a" 1})",
          R"({"a"::1})", R"({"a":1}})", "[]]", "{}{}", "{} x", "nul", "nulll", "True", "truefalse", "+1", "-", "01",
          "-01", "1.", ".5", "1.e1", "1e", "1e+", "0x10", "1_0", "NaN", "Infinity", "[1e309]", "[-1e309]", "\"", "\"a",
          "\"\\", "\"\\\"", R"("\x41")", R"("\u12")", R"("\u12g4")", R"("\ud800")", R"("\ud800x")", R"("\ud800\n")",
          R"("\ud800\ud800")", R"("\udc00")", R"("\u+123")", "\"\n\"", "\"\x1f\"", "\"\xff\"", "\"\xc0\x80\"",
          "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"eight by\xe2\x82\"", "'a'", "/**/{}", "{}\0"sv,
          "[\0]"sv, "\"\0\""sv, "\0"sv};
}

std::string random_json(std::mt19937& random, int depth) {
  const auto kind = depth == 0 ? random() % 4 : random() % 8;
  if (kind < 2) return std::string(pick(random, scalars));
  if (kind < 4) return random_text(random);
  std::string out;
  for (auto left = random() % 5; left > 0; --left) {
    if (!out.empty()) out += ",";
    out += pick(random, blanks);
    if (kind < 6) out += random_text(random) + std::string(pick(random, blanks)) + ":";
    out += random_json(random, depth - 1);
    out += pick(random, blanks);
  }
  return kind < 6 ? "{" + out + "}" : "[" + out + "]";
}

void damage(std::string& text, std::mt19937& random) {
  static constexpr auto bytes = "\"\\{}[]:,0-.eEu\x01\x1f\x20\x7f\x80\xc3\xe2\xed\xf4\xff\0tn"sv;
  if (text.empty()) return;
  for (auto hits = 1 + random() % 2; hits > 0; --hits) {
    const auto at = random() % text.size();
    if (random() % 3 == 0)
      text.erase(at, 1 + random() % 3);
    else if (random() % 2 == 0)
      text.insert(at, 1, pick(random, bytes));
    else
      text[at] = pick(random, bytes);
    if (text.empty()) return;
  }
}

std::string random_object(std::mt19937& random) { return object_of(object_members(random), random); }

std::string random_object(std::mt19937& random, const k8s::ResourceName& resource) {
  const auto members = object_of(object_members(random), random);
  return R"({"kind":")" + std::string(resource.kind) + R"(","apiVersion":")" + std::string(resource.api_version) +
         "\"" + (members == "{}" ? "" : ",") + members.substr(1);
}

}  // namespace test
