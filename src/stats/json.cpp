#include "stats/json.h"

#include <array>
#include <cinttypes>
#include <cstdio>

#include "base/escape.h"
#include "stats/escape.h"

namespace tls {

namespace {

std::string json_text(const std::string& text) {
    return escaped(clean_utf8(text), Escape::Json);
}

// Writes members of objects and elements of lists, with commas between them.
class Writer {
  public:
    void begin(char bracket) {
        out_ += bracket;
        is_first_ = true;
    }
    void end(char bracket) {
        out_ += bracket;
        is_first_ = false;
    }
    void next() {
        if (!is_first_) {
            out_ += ',';
        }
        is_first_ = false;
    }
    void key(const std::string& name) {
        next();
        out_ += '"' + json_text(name) + "\":";
    }
    void raw(const std::string& value) { out_ += value; }
    void text(const std::string& value) { out_ += '"' + json_text(value) + '"'; }
    void member(const std::string& name, uint64_t value) {
        key(name);
        raw(std::to_string(value));
    }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
    bool is_first_ = true;
};

void write_histogram(Writer* json, const Values& values, FamilyId id, const LabelNames& names) {
    const LabelSet bounds = family(id).first;
    json->begin('{');
    json->key("buckets");
    json->begin('{');
    uint64_t count = 0;
    for (size_t i = 0; i < label_count(bounds); ++i) {
        count += values[cell_of(id, i)];
        json->member(label_text(bounds, i, names), count);
    }
    json->end('}');
    json->member("count", count);
    char sum[40];
    const uint64_t nanoseconds = values[sum_cell(id)];
    std::snprintf(sum, sizeof(sum), "%" PRIu64 ".%09" PRIu64, nanoseconds / 1000000000,
                  nanoseconds % 1000000000);
    json->key("sum");
    json->raw(sum);
    json->end('}');
}

// The second label of the only family that has one is Resumed.
void write_labelled(Writer* json, const Values& values, FamilyId id, const LabelNames& names) {
    const Family& shown = family(id);
    json->begin('{');
    for (size_t i = 0; i < label_count(shown.first); ++i) {
        uint64_t sum = 0;
        for (size_t k = 0; k < label_count(shown.second); ++k) {
            sum += values[cell_of(id, i, k)];
        }
        if (sum == 0) {
            continue;
        }
        const std::string word = label_text(shown.first, i, names);
        if (shown.second == LabelSet::None) {
            json->member(word, sum);
            continue;
        }
        json->key(word);
        json->begin('{');
        for (size_t k = 0; k < label_count(shown.second); ++k) {
            json->member(k == 0 ? "full" : "resumed", values[cell_of(id, i, k)]);
        }
        json->end('}');
    }
    json->end('}');
}

void write_figures(Writer* json, const ServerFigures& figures, const LabelNames& names) {
    json->begin('{');
    for (const Gauge& gauge : kGauges) {
        json->member(gauge.key, figures.connections.*gauge.value);
    }
    for (size_t i = 0; i < kFamilies.size(); ++i) {
        const auto id = static_cast<FamilyId>(i);
        const Family& shown = family(id);
        if (shown.first == LabelSet::None) {
            json->member(shown.key, figures.values[first_cell(id)]);
        } else if (shown.kind == Kind::Histogram) {
            json->key(shown.key);
            write_histogram(json, figures.values, id, names);
        } else {
            json->key(shown.key);
            write_labelled(json, figures.values, id, names);
        }
    }
    json->end('}');
}

void write_seconds(Writer* json, const char* name,
                   const std::array<uint32_t, RecentSeconds::kSeconds>& seconds) {
    json->key(name);
    json->begin('[');
    for (const uint32_t count : seconds) {
        json->next();
        json->raw(std::to_string(count));
    }
    json->end(']');
}

void write_certificates(Writer* json, const Snapshot& snapshot) {
    json->key("certificates");
    json->begin('[');
    for (const CertificateLine& line : snapshot.certificates) {
        json->next();
        json->begin('{');
        json->key("server");
        json->text(snapshot.servers[line.server].label);
        json->key("name");
        json->text(line.name);
        json->key("key_type");
        json->text(line.key_type);
        json->key("not_after");
        json->raw(std::to_string(line.not_after));
        json->key("days_left");
        json->raw(std::to_string(days_left(line.not_after, snapshot.now)));
        json->end('}');
    }
    json->end(']');
}

}  // namespace

std::string render_json(const Snapshot& snapshot) {
    Writer json;
    json.begin('{');
    json.key("software");
    json.text(snapshot.software);
    json.key("now");
    json.raw(std::to_string(snapshot.now));
    json.key("since");
    json.raw(std::to_string(snapshot.since));
    json.member("workers", snapshot.workers);
    json.key("total");
    write_figures(&json, snapshot.whole, snapshot.names);
    json.key("servers");
    json.begin('{');
    for (const ServerFigures& server : snapshot.servers) {
        json.key(server.label);
        write_figures(&json, server, snapshot.names);
    }
    json.end('}');
    json.key("last_minute");
    json.begin('{');
    write_seconds(&json, "completed", snapshot.recent.completed);
    write_seconds(&json, "failed", snapshot.recent.failed);
    json.end('}');
    write_certificates(&json, snapshot);
    json.end('}');
    json.raw("\n");
    return json.take();
}

}  // namespace tls
