// The CPU that processes have used, from /proc.
//
// Used by the load client for `--server-pids`. Reads only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace bench {

struct CpuReading {
    uint64_t nanoseconds = 0;
    // From schedstat, in nanoseconds; else from stat, in clock ticks of usually 10 ms.
    bool exact = false;
    // A process that is not there any more counts as 0 and is told here.
    bool complete = true;
};

// User and system time of all threads of these processes since they began.
CpuReading read_cpu(const std::vector<pid_t>& processes);

}  // namespace bench
