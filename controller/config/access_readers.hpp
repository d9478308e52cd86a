#pragma once

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

// Convert the values of the keys about TLS and the login, as readers.hpp does for other keys.
namespace knm {

// `true`, `false`, or a mapping with ca-file, cert-file, key-file, server-name, min-version and insecure.
void read_tls(const Value& value, TlsKeys& field);
void read_auth_type(const Value& value, AuthType& field);

}  // namespace knm
