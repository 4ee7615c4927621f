// The fingerprints of one hello, each made when it is asked for the first time, and kept.
//
// Held by a connection, also for a hello that is refused. Does not need the hello's bytes any more.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "hello/outline.h"

namespace tls {

// In the order of their variables: $tls_ja3, $tls_ja3_hash, $tls_ja4, $tls_ja4_r, $tls_ja4_o, $tls_ja4_ro.
enum class Fingerprint { Ja3, Ja3Hash, Ja4, Ja4Raw, Ja4Original, Ja4RawOriginal };

class Fingerprints {
  public:
    explicit Fingerprints(const ClientHello& hello) : hello_(HelloOutline::of(hello)) {}

    // See ja3.h and ja4.h. The text stays good as long as this object.
    const std::string& get(Fingerprint which);

  private:
    std::string make(Fingerprint which);

    HelloOutline hello_;
    std::array<std::string, static_cast<size_t>(Fingerprint::Ja4RawOriginal) + 1> made_;  // empty: not yet
};

}  // namespace tls
