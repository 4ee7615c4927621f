#include "stats/prometheus.h"

#include <cinttypes>
#include <cstdio>
#include <set>
#include <tuple>
#include <vector>

#include "stats/escape.h"

namespace tls {

namespace {

void add_head(std::string* out, const char* metric, const char* type, const char* help) {
    *out += "# HELP ";
    *out += metric;
    *out += ' ';
    *out += help;
    *out += "\n# TYPE ";
    *out += metric;
    *out += ' ';
    *out += type;
    *out += '\n';
}

// One line: metric, suffix, what stands between the braces, value.
void add_line(std::string* out, const char* metric, const char* suffix, const std::string& labels,
              const std::string& value) {
    *out += metric;
    *out += suffix;
    if (!labels.empty()) {
        *out += '{';
        *out += labels;
        *out += '}';
    }
    *out += ' ';
    *out += value;
    *out += '\n';
}

std::string label(const char* name, const std::string& escaped) {
    return std::string(name) + "=\"" + escaped + '"';
}

// Nanoseconds as seconds, exactly.
std::string seconds_text(uint64_t nanoseconds) {
    char text[40];
    std::snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64, nanoseconds / 1000000000,
                  nanoseconds % 1000000000);
    return text;
}

// The labels behind the server's of each cell of a family, for instance `,reason="internal"`.
std::vector<std::string> cell_labels(const Family& family, const LabelNames& names) {
    std::vector<std::string> labels;
    for (size_t i = 0; i < label_count(family.first); ++i) {
        for (size_t k = 0; k < label_count(family.second); ++k) {
            std::string text;
            for (const auto& [set, index] : {std::pair(family.first, i), std::pair(family.second, k)}) {
                if (set != LabelSet::None) {
                    text += "," + label(label_name(set), escape_label(label_text(set, index, names)));
                }
            }
            labels.push_back(std::move(text));
        }
    }
    return labels;
}

void add_histogram(std::string* out, FamilyId id, const ServerFigures& server, const std::string& own,
                   const LabelNames& names) {
    const Family& shown = family(id);
    uint64_t count = 0;
    for (size_t i = 0; i < label_count(shown.first); ++i) {
        count += server.values[cell_of(id, i)];
        add_line(out, shown.metric, "_bucket", own + "," + label("le", label_text(shown.first, i, names)),
                 std::to_string(count));
    }
    add_line(out, shown.metric, "_sum", own, seconds_text(server.values[sum_cell(id)]));
    add_line(out, shown.metric, "_count", own, std::to_string(count));
}

void add_family(std::string* out, FamilyId id, const Snapshot& snapshot,
                const std::vector<std::string>& own_labels) {
    const Family& shown = family(id);
    const bool is_histogram = shown.kind == Kind::Histogram;
    const std::vector<std::string> labels = cell_labels(shown, snapshot.names);
    add_head(out, shown.metric, is_histogram ? "histogram" : "counter", shown.help);
    for (size_t i = 0; i < snapshot.servers.size(); ++i) {
        const ServerFigures& server = snapshot.servers[i];
        if (total_of(server.values, id) == 0 && shown.first != LabelSet::None) {
            continue;
        }
        if (is_histogram) {
            add_histogram(out, id, server, own_labels[i], snapshot.names);
            continue;
        }
        for (size_t cell = 0; cell < labels.size(); ++cell) {
            const uint64_t value = server.values[first_cell(id) + cell];
            if (value != 0 || shown.first == LabelSet::None) {
                add_line(out, shown.metric, "", own_labels[i] + labels[cell], std::to_string(value));
            }
        }
    }
}

void add_gauge(std::string* out, const Gauge& gauge, const Snapshot& snapshot,
               const std::vector<std::string>& own_labels) {
    add_head(out, gauge.metric, "gauge", gauge.help);
    for (size_t i = 0; i < snapshot.servers.size(); ++i) {
        add_line(out, gauge.metric, "", own_labels[i],
                 std::to_string(snapshot.servers[i].connections.*gauge.value));
    }
}

// Several certificates of one name and key type would be one series: the one that ends first is told.
void add_certificates(std::string* out, const Snapshot& snapshot,
                      const std::vector<std::string>& own_labels) {
    if (snapshot.certificates.empty()) {
        return;
    }
    std::set<std::tuple<size_t, std::string, std::string>> told;
    add_head(out, kCertificateMetric, "gauge", "When the certificate ends, in seconds since 1970.");
    for (const CertificateLine& line : snapshot.certificates) {
        if (told.emplace(line.server, line.name, line.key_type).second) {
            add_line(out, kCertificateMetric, "",
                     own_labels[line.server] + "," + label("name", escape_label(line.name)) + "," +
                         label("key_type", escape_label(line.key_type)),
                     std::to_string(line.not_after));
        }
    }
}

}  // namespace

std::string render_prometheus(const Snapshot& snapshot) {
    std::vector<std::string> own_labels;
    for (const ServerFigures& server : snapshot.servers) {
        own_labels.push_back(label("server", escape_label(server.label)));
    }
    std::string out;
    for (size_t i = 0; i < kFamilies.size(); ++i) {
        add_family(&out, static_cast<FamilyId>(i), snapshot, own_labels);
    }
    for (const Gauge& gauge : kGauges) {
        add_gauge(&out, gauge, snapshot, own_labels);
    }
    add_certificates(&out, snapshot, own_labels);
    add_head(&out, kSinceMetric, "gauge", "When counting began, in seconds since 1970.");
    add_line(&out, kSinceMetric, "", "", std::to_string(snapshot.since));
    return out;
}

}  // namespace tls
