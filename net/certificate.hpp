#pragma once

#include <openssl/ossl_typ.h>

#include <string>

namespace net {

// Describes a refused certificate for an error message.

// "CN=kube-apiserver,O=example", or "(no subject)".
std::string subject_of(const X509* certificate);
std::string issuer_of(const X509* certificate);

// Its names and addresses: "kubernetes, kubernetes.default, 10.96.0.1", or "(none)".
std::string alternative_names_of(const X509* certificate);

// "Mar  3 12:00:00 2026 GMT".
std::string not_before_of(const X509* certificate);
std::string not_after_of(const X509* certificate);

// Why OpenSSL refused `certificate` (X509_V_ERR_... in `reason`) for a connection to `name`, with the way out.
std::string refusal(int reason, const X509* certificate, const std::string& name);

}  // namespace net
