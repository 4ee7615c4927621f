// The labels of servers: what tells each from all others in the counters and on the pages.
//
// Pure. Text of the configuration only. A label also says which counters are a server's after a reload, so
// it must not depend on lines or on the order of servers with other names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tls {

struct NamedServer {
    std::string name;     // the first server_name, or empty
    std::string address;  // the first of its addresses
};

// One for each server, in their order: the name; where another has it already, with the address behind it;
// where that is taken too, with a number. Valid UTF-8, none empty, none twice, none kOtherServers.
std::vector<std::string> label_servers(const std::vector<NamedServer>& servers);

// What counters are labelled with that belong to no server.
constexpr const char* kOtherServers = "(other)";

// The number of a label that stays the same over reloads; not 0.
uint64_t identity_of(const std::string& label);

}  // namespace tls
