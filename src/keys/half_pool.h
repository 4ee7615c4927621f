// Halves of signatures made ahead (tls_signatures_ahead): a few for each key in use, for a moment.
//
// One a process, used in its one thread. A nonce that is used twice gives the private key away, so each half
// is moved out and wiped where it was, none outlives kLife by any of two clocks, and a fork takes none along.
// What nothing here can prevent: a virtual machine that is copied while it runs has them twice.
#pragma once

#include <ctime>

#include "keys/signing_key.h"
#include "keys/wiped_page.h"

namespace tls {

class HalfPool {
  public:
    // Seconds. A half that is older is wiped when the key is asked for again, unused.
    static constexpr time_t kLife = 2;
    // Keys at a time; others sign without.
    static constexpr size_t kKeys = 16;

    struct Time {
        timespec since_boot;
        timespec on_the_clock;

        static Time now();
    };

    // A half for one signature by `key`; not ready() when there is none. Counts as a sign that more are
    // needed.
    SignatureHalf take(const SigningKey& key, const Time& now);
    // How many more would probably be used before they are too old. 0 for a key that signs rarely.
    size_t room(const SigningKey& key, const Time& now);
    // Moves halves for `key` in, those that are ready and for which there is room.
    void put(const SigningKey& key, SignatureHalf* halves, size_t count, const Time& now);

  private:
    static constexpr size_t kWords = 6;

    // Numbers as crypto_mb has them, the lowest byte first.
    struct Half {
        uint64_t inverse[kWords];
        uint64_t r[kWords];
    };
    // All zero: nobody's.
    struct Slot {
        uint64_t key;  // SigningKey::number
        Time made;     // of the oldest half
        Time began;    // of counting `asked`
        size_t asked;
        size_t left;
        Half halves[kLanes];
    };
    struct Slots {
        Slot of[kKeys];
    };

    static void empty(Slot* slot);
    Slot* find(const SigningKey& key, const Time& now);

    WipedPage<Slots> page_;
};

}  // namespace tls
