#pragma once

#include <string>

namespace test {

struct Identity {
  std::string cert_pem, key_pem;
};

// A certificate authority for one test; its keys are EC P-256.
Identity make_authority(const std::string& common_name);

struct LeafOptions {
  std::string common_name = "server";
  std::string alternative_names = "IP:127.0.0.1";  // in the syntax of OpenSSL: "DNS:a,IP:1.2.3.4"
  long valid_from = -3600;                         // seconds from now
  long valid_to = 3600;
};
Identity make_leaf(const Identity& authority, const LeafOptions& options = {});

}  // namespace test
