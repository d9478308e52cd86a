#include "net/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace net {
namespace {

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// The output of `print` to a memory BIO.
template <class Print>
std::string printed(Print print) {
  const std::unique_ptr<BIO, BioFree> bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  print(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string name_text(const X509_NAME* name) {
  std::string text = printed([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253); });
  return text.empty() ? "(no subject)" : text;
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  const unsigned char* data = ASN1_STRING_get0_data(bytes);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(bytes));
  boost::asio::ip::address_v4::bytes_type v4;
  boost::asio::ip::address_v6::bytes_type v6;
  if (size == v4.size()) {
    std::copy_n(data, size, v4.begin());
    return boost::asio::ip::address_v4(v4).to_string();
  }
  if (size == v6.size()) {
    std::copy_n(data, size, v6.begin());
    return boost::asio::ip::address_v6(v6).to_string();
  }
  return "(invalid address)";
}

}  // namespace

std::string subject_of(const X509* certificate) { return name_text(X509_get_subject_name(certificate)); }
std::string issuer_of(const X509* certificate) { return name_text(X509_get_issuer_name(certificate)); }

std::string alternative_names_of(const X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    std::string one;
    if (name->type == GEN_DNS) {
      const ASN1_IA5STRING* dns = name->d.dNSName;
      one.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(dns)),
                 static_cast<std::size_t>(ASN1_STRING_length(dns)));
    } else if (name->type == GEN_IPADD) {
      one = address_text(name->d.iPAddress);
    } else {
      continue;
    }
    text += (text.empty() ? "" : ", ") + one;
  }
  GENERAL_NAMES_free(names);
  return text.empty() ? "(none)" : text;
}

std::string not_before_of(const X509* certificate) {
  return printed([&](BIO* bio) { ASN1_TIME_print(bio, X509_get0_notBefore(certificate)); });
}

std::string not_after_of(const X509* certificate) {
  return printed([&](BIO* bio) { ASN1_TIME_print(bio, X509_get0_notAfter(certificate)); });
}

std::string refusal(int reason, const X509* certificate, const std::string& name) {
  if (!certificate)
    return std::string("the certificate of the server is refused: ") + X509_verify_cert_error_string(reason);
  const std::string subject = "the certificate '" + subject_of(certificate) + "'";
  switch (reason) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return subject + " is not valid for '" + name + "' but only for: " + alternative_names_of(certificate) +
             "; connect with one of these names, or set the TLS server name to one of them";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return subject + " expired on " + not_after_of(certificate) +
             "; renew the certificate, or correct the clock of this machine";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return subject + " is valid only from " + not_before_of(certificate) + " on; correct the clock of this machine";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return subject + ", issued by '" + issuer_of(certificate) +
             "', is not signed by a configured certificate authority; configure the authority that signed the "
             "certificate";
    default:
      return subject + " is refused: " + X509_verify_cert_error_string(reason);
  }
}

}  // namespace net
