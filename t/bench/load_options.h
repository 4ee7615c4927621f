// What one run of the load client does.
//
// Filled from the command line, constant afterwards.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

// How a connection ends once its work is done. A reset leaves no TIME_WAIT behind, so that ports last.
enum class End {
    Close,  // close_notify, then wait for the server's end, then reset: the server has done all of its work
    Reset,  // at once
};

struct LoadOptions {
    sockaddr_in address = {};
    uint64_t handshakes = 1000;  // connections in all, as far as `limit_ms` allows
    uint64_t limit_ms = 0;       // end after that time; 0 for no such end
    uint32_t concurrency = 32;
    uint32_t timeout_ms = 10'000;  // for each connection
    uint32_t wait_ms = 0;          // first ask until one handshake succeeds, for that long
    uint32_t spin_us = 0;          // work of our own before each connection: keeps the client the slower side

    int version = 0;  // TLS1_3_VERSION and the like; 0 for whatever the two sides agree on
    std::string groups = "X25519:P-256";
    std::string ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    std::string ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
    bool resumed = false;
    bool clear = false;    // no TLS: HTTP as it is
    bool refused = false;  // an alert in answer to the hello is what is wanted

    std::vector<std::string> names;  // SNI; none when empty
    bool random_names = false;
    uint64_t seed = 1;
    bool check_name = false;  // the certificate must be for the name

    std::string request_path;  // none when empty
    uint32_t requests = 1;     // on each connection
    End end = End::Close;

    std::vector<uint64_t> hold;  // instead of a pass: so many idle connections, then so many

    std::vector<pid_t> server_pids;
    bool json = false;
};

// Prints the usage and ends the program when the arguments make no sense.
LoadOptions parse_load_options(int count, char** values);

}  // namespace bench
