// What a run of the load client found, and how it is printed.
//
// Filled by the load client, read at its end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client.h"
#include "process_cpu.h"

namespace bench {

struct Report {
    uint64_t connections = 0;  // ended, well or not
    uint64_t handshakes = 0;   // that succeeded, also when the connection failed afterwards
    uint64_t resumed = 0;      // of these
    uint64_t refused = 0;      // connections that ended with the alert that was wanted
    uint64_t requests = 0;
    uint64_t body_bytes = 0;
    uint64_t failed = 0;
    std::map<std::string, uint64_t> failures;  // by kind
    std::vector<uint32_t> handshake_us;
    std::vector<uint32_t> request_us;
    uint64_t wall_us = 0;

    bool has_cpu = false;
    bool cpu_is_exact = false;
    uint64_t cpu_ns = 0;

    // Counts a connection that is Done or Failed.
    void add(const Client& client);
    void set_cpu(const CpuReading& before, const CpuReading& after);

    // Both sort the latencies first.
    void print_text();
    void print_json();
};

}  // namespace bench
