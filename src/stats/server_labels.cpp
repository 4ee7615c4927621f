#include "stats/server_labels.h"

#include <functional>
#include <set>

#include "stats/escape.h"

namespace tls {

std::vector<std::string> label_servers(const std::vector<NamedServer>& servers) {
    std::set<std::string> taken = {kOtherServers};
    std::vector<std::string> labels;
    for (const NamedServer& server : servers) {
        std::string label = clean_utf8(server.name.empty() ? server.address : server.name);
        if ((label.empty() || taken.count(label) != 0) && !server.address.empty()) {
            label += " " + clean_utf8(server.address);
        }
        const std::string base = label;
        for (int number = 2; label.empty() || taken.count(label) != 0; ++number) {
            label = base + "#" + std::to_string(number);
        }
        taken.insert(label);
        labels.push_back(std::move(label));
    }
    return labels;
}

uint64_t identity_of(const std::string& label) {
    const uint64_t hash = std::hash<std::string>()(label);
    return hash != 0 ? hash : 1;
}

}  // namespace tls
