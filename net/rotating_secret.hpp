#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace net {

// A password or a token that is the only line of a file, which is rotated: the file is read again a minute after the
// last time, and at once after suspect(). A file that is missing, empty or has several lines leaves the last good
// secret in use, and a warning names the file. The secret itself is in no message.
class RotatingSecret {
 public:
  enum class Form : std::uint8_t {
    line,  // may have blanks, all of which count
    word,  // has none; blanks at its end are cut
  };
  // `what` for messages: "password file". `clock` must outlive the object. `initial`: used until the file can be read;
  // empty: none.
  RotatingSecret(std::string what, std::string file, Form form, const base::Clock& clock, base::Log log,
                 std::string initial = "");

  // The secret, after a look at the file if one is due. Error (errc::bad_secret): there has never been a good one.
  base::Result<std::string> current();

  // The server refused the secret: the next current() looks at the file.
  void suspect() { suspected_ = true; }

 private:
  base::Result<std::string> read() const;

  std::string what_, file_;
  Form form_;
  const base::Clock& clock_;
  base::Log log_;
  std::string secret_;  // the last good one; empty: none so far
  base::Clock::time_point read_at_{};
  bool suspected_ = true;
  std::string problem_;  // of the last look; empty: none
};

}  // namespace net
