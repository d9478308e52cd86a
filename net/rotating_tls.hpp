#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/tls.hpp"

namespace net {

// The TLS context for new connections, which follows its files: they are read again a minute after the last time, and
// at once after suspect(). If their content changed, there is a new context; connections made with the former one go
// on. The file with the system's authorities is one of them, if they are trusted.
//
// A file that is missing, half-written or does not belong to the others leaves the last good context in use, and a
// warning names the file. Files are replaced one after the other, so that such a state may last for a moment.
class RotatingTls {
 public:
  // `clock` must outlive the object. Errors as make_tls_context().
  static base::Result<RotatingTls> create(TlsSettings settings, const base::Clock& clock, base::Log log);

  // The context for new connections, after a look at the files if one is due.
  const std::shared_ptr<TlsContext>& current();

  // The server or the client refused a certificate: the next current() looks at the files.
  void suspect() { suspected_ = true; }

  // A request failed: if a certificate may be the reason, the next current() looks at the files.
  void failed(const base::Error& error);

  // Uses another certificate and key (PEM) for the client, as a credential plugin provides them. Errors
  // (errc::bad_tls_settings) leave everything as it was.
  base::Result<void> replace_identity(const std::string& cert, const std::string& key);

 private:
  RotatingTls(TlsSettings settings, const base::Clock& clock, base::Log log);
  bool is_due() const;
  // Reads everything again.
  base::Result<void> renew();

  TlsSettings settings_;
  const base::Clock& clock_;
  base::Log log_;
  TlsMaterial material_;  // of context_
  std::shared_ptr<TlsContext> context_;
  base::Clock::time_point read_at_{};
  bool suspected_ = false;
  std::string problem_;  // of the last look; empty: none
};

}  // namespace net
