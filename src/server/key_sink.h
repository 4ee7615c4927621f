// Where a connection's secrets are written for those who want to decrypt it later (tls_key_log).
//
// Implemented by the glue. Nothing of it exists unless the operator asked for it.
#pragma once

#include <string_view>

namespace tls {

class KeySink {
  public:
    virtual ~KeySink() = default;

    // One line of the NSS key log format, without its line feed. Never blocks for longer than a log file
    // does.
    virtual void write(std::string_view line) = 0;
};

}  // namespace tls
