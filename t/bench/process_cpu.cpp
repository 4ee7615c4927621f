#include "process_cpu.h"

#include <dirent.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

namespace bench {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

// The first number of each thread's schedstat is its time on a CPU. False when the kernel does not keep it.
bool read_schedstat(pid_t process, uint64_t* nanoseconds) {
    const std::string tasks = "/proc/" + std::to_string(process) + "/task";
    const std::unique_ptr<DIR, CloseDirectory> directory(opendir(tasks.c_str()));
    if (!directory) {
        return false;
    }
    bool found = false;
    while (const dirent* entry = readdir(directory.get())) {
        uint64_t used = 0;
        std::ifstream file(tasks + "/" + entry->d_name + "/schedstat");
        if (entry->d_name[0] != '.' && file >> used) {
            *nanoseconds += used;
            found = found || used != 0;
        }
    }
    return found;
}

// utime and stime are the 14th and 15th field; the second may hold spaces, but ends with the last ')'.
bool read_stat(pid_t process, uint64_t* nanoseconds) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t end = text.rfind(')');
    if (end == std::string::npos) {
        return false;
    }
    std::istringstream fields(text.substr(end + 1));
    std::string skipped;
    for (int i = 3; i < 14; ++i) {
        fields >> skipped;
    }
    uint64_t user = 0;
    uint64_t system = 0;
    if (!(fields >> user >> system)) {
        return false;
    }
    *nanoseconds += (user + system) * (1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
    return true;
}

}  // namespace

CpuReading read_cpu(const std::vector<pid_t>& processes) {
    CpuReading reading;
    reading.exact = true;
    for (const pid_t process : processes) {
        uint64_t used = 0;
        if (!read_schedstat(process, &used)) {
            reading.exact = false;
            used = 0;
            reading.complete = read_stat(process, &used) && reading.complete;
        }
        reading.nanoseconds += used;
    }
    return reading;
}

}  // namespace bench
