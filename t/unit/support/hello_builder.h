// ClientHellos put together from parts, right or wrong ones (RFC 8446 section 4.1.2).
//
// Used by the tests of hello parsing. The defaults make a hello that libssl answers in TLS 1.3 and in
// TLS 1.2.
#pragma once

#include <utility>
#include <vector>

#include "support/bytes.h"

namespace test {

// One record around a fragment.
inline Bytes record(const Bytes& fragment, uint16_t version = 0x0301, uint8_t type = 22) {
    Bytes out;
    put(&out, 1, type);
    put(&out, 2, version);
    return out + prefixed(2, fragment);
}

// The message in records of `size` bytes each.
inline Bytes records_of(const Bytes& message, size_t size) {
    Bytes out;
    for (size_t at = 0; at < message.size(); at += size) {
        const size_t end = at + size < message.size() ? at + size : message.size();
        out = out + record(Bytes(message.begin() + static_cast<long>(at),
                                 message.begin() + static_cast<long>(end)));
    }
    return out;
}

inline Bytes u16_list(const std::vector<uint16_t>& values) {
    Bytes out;
    for (const uint16_t value : values) {
        put(&out, 2, value);
    }
    return out;
}

// The body of a server_name extension that holds one host name.
inline Bytes host_name(std::string_view name) {
    return prefixed(2, hex("00") + prefixed(2, bytes_of(name)));
}

struct HelloBuilder {
    using Extensions = std::vector<std::pair<uint16_t, Bytes>>;

    uint16_t legacy_version = 0x0303;
    Bytes random = Bytes(32, 0x5a);
    Bytes session_id = Bytes(32, 0x1d);
    Bytes cipher_suites = u16_list({0x1301, 0x1302, 0xc02b, 0xc02c});
    Bytes compression_methods = Bytes(1, 0);
    bool has_extensions = true;
    Extensions extensions = default_extensions();
    Bytes behind_extensions;  // within the message

    static Extensions default_extensions() {
        return {{0, host_name("example.com")},
                {10, prefixed(2, u16_list({29, 23}))},
                {13, prefixed(2, u16_list({0x0403, 0x0804}))},
                {16, prefixed(2, prefixed(1, bytes_of("h2")) + prefixed(1, bytes_of("http/1.1")))},
                {43, prefixed(1, u16_list({0x0304, 0x0303}))},
                {45, prefixed(1, hex("01"))},
                {51, prefixed(2, key_share_entry())}};
    }

    // A share for x25519 (29): the base point's own coordinate is a valid key.
    static Bytes key_share_entry(uint16_t group = 29) {
        Bytes key(32, 0);
        key[0] = 9;
        return u16_list({group}) + prefixed(2, key);
    }

    // Puts another body into an extension, or adds the extension at the end.
    HelloBuilder& set(uint16_t type, Bytes body) {
        for (auto& extension : extensions) {
            if (extension.first == type) {
                extension.second = std::move(body);
                return *this;
            }
        }
        return add(type, std::move(body));
    }
    HelloBuilder& add(uint16_t type, Bytes body) {
        extensions.emplace_back(type, std::move(body));
        return *this;
    }
    HelloBuilder& remove(uint16_t type) {
        Extensions kept;
        for (auto& extension : extensions) {
            if (extension.first != type) {
                kept.push_back(std::move(extension));
            }
        }
        extensions = std::move(kept);
        return *this;
    }

    Bytes extension_block() const {
        Bytes block;
        for (const auto& extension : extensions) {
            put(&block, 2, extension.first);
            put(&block, prefixed(2, extension.second));
        }
        return block;
    }

    // The message without its header.
    Bytes body() const {
        Bytes out = u16_list({legacy_version}) + random + prefixed(1, session_id) +
                    prefixed(2, cipher_suites) + prefixed(1, compression_methods);
        if (has_extensions) {
            out = out + prefixed(2, extension_block());
        }
        return out + behind_extensions;
    }

    Bytes message() const { return hex("01") + prefixed(3, body()); }
    Bytes in_one_record() const { return record(message()); }
};

}  // namespace test
