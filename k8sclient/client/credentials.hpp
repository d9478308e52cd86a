#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace k8s {

// The bearer token: a fixed one, or one in a file that somebody rotates (the kubelet does, for ServiceAccounts).
// The file is read again when it is a minute since the last time, or when the server refused what we had.
class Credentials {
 public:
  // `clock` must outlive the object.
  Credentials(std::string token, std::string token_file, const base::Clock& clock);

  // The value of the Authorization field; empty: there is none (client certificate, or anonymous). Where the file
  // cannot be read the last token goes on being used; errc::bad_credentials where there never was one.
  base::Result<std::string> authorization();

  // The server answered 401: the next authorization() reads the file again.
  void refused();

 private:
  base::Result<std::string> read_token() const;

  std::string token_;
  std::string file_;
  const base::Clock& clock_;
  base::Clock::time_point read_at_{};
  bool stale_ = true;
};

}  // namespace k8s
