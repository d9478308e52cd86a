#include "tests/unit/k8sclient/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace test {
namespace {

template <auto Free>
struct With {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, With<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, With<X509_free>>;
using BioPtr = std::unique_ptr<BIO, With<BIO_vfree>>;

std::string content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity pem(X509* cert, EVP_PKEY* key) {
  BioPtr out(BIO_new(BIO_s_mem())), key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), cert);
  PEM_write_bio_PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return {content(out.get()), content(key_out.get())};
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (!extension) throw std::runtime_error("bad extension " + value);
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

CertPtr blank(const std::string& common_name, EVP_PKEY* key, long from, long to) {
  CertPtr cert(X509_new());
  X509_set_version(cert.get(), 2);
  unsigned char serial[8];
  RAND_bytes(serial, sizeof serial);
  // The serial must be positive and without a leading zero; otherwise it is not DER and no client reads the
  // certificate.
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
  ASN1_STRING_set(X509_get_serialNumber(cert.get()), serial, sizeof serial);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), to);
  X509_set_pubkey(cert.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return cert;
}

}  // namespace

Identity make_authority(const std::string& common_name) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertPtr cert = blank(common_name, key.get(), -3600, 3600);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert.get()));
  add_extension(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(cert.get(), cert.get(), NID_key_usage, "critical,keyCertSign");
  X509_sign(cert.get(), key.get(), EVP_sha256());
  return pem(cert.get(), key.get());
}

Identity make_leaf(const Identity& authority, const LeafOptions& options) {
  const BioPtr cert_in(BIO_new_mem_buf(authority.cert_pem.data(), -1)),
      key_in(BIO_new_mem_buf(authority.key_pem.data(), -1));
  const CertPtr ca(PEM_read_bio_X509(cert_in.get(), nullptr, nullptr, nullptr));
  const KeyPtr ca_key(PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertPtr cert = blank(options.common_name, key.get(), options.valid_from, options.valid_to);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(ca.get()));
  if (!options.alternative_names.empty())
    add_extension(cert.get(), ca.get(), NID_subject_alt_name, options.alternative_names);
  X509_sign(cert.get(), ca_key.get(), EVP_sha256());
  return pem(cert.get(), key.get());
}

}  // namespace test
