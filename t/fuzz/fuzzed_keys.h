// Keys of records as a fuzzer chooses them, by a byte.
#pragma once

#include <cstdlib>

#include "record/ipsec_mb.h"
#include "record/traffic_keys.h"

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline tls::TrafficKeys keys_of(uint8_t choice) {
    tls::TrafficKeys keys;
    keys.version = (choice & 1) != 0 ? tls::RecordVersion::Tls13 : tls::RecordVersion::Tls12;
    keys.suite = static_cast<tls::RecordSuite>((choice >> 1) % 3);
    keys.key.fill(choice);
    // Where there is none, libcrypto's share grows.
    keys.ipsec_mb = (choice & 0x40) != 0 ? tls::enroll(tls::ipsec_mb().library.get()) : 0;
    return keys;
}
