// What comes after a handshake, as any bytes: records that nobody sealed never open and never make the opener
// read or write outside of them, and records that were sealed, whatever is in them, get an answer that fits.
#include <cstring>
#include <vector>

#include "fuzzed_keys.h"
#include "record/after_handshake.h"

// The bytes as records from the wire.
static void open_forged(tls::TrafficKeys keys, const uint8_t* data, size_t size) {
    const tls::ByteView bytes(data, size);
    tls::Alert alert;
    const size_t whole = tls::record_size(bytes);
    if (whole == 0 || tls::is_bad_header(keys, bytes, &alert) || whole > size) {
        return;
    }
    // Memory of just that size, so that the sanitizer sees what is outside.
    std::vector<uint8_t> record(data, data + whole);
    std::vector<uint8_t> out(tls::opened_size(keys, whole));
    require(!tls::open_record(&keys, record.data(), whole, out.empty() ? nullptr : out.data()).ok);
}

// The bytes as what an honest record layer carries for a dishonest client: type, size, content, and again.
static void judge_sealed(const tls::TrafficKeys& keys, const uint8_t* data, size_t size) {
    tls::TrafficKeys sealing = keys;
    tls::TrafficKeys opening = keys;
    tls::AfterHandshake rules(keys.version);
    while (size >= 2) {
        const auto type = static_cast<tls::ContentType>(data[0]);
        const size_t count = data[1] < size - 2 ? data[1] : size - 2;
        std::vector<uint8_t> record(record_head(keys) + count + record_tail(keys));
        std::memcpy(record.data() + record_head(keys), data + 2, count);
        require(tls::seal_record(&sealing, type, record.data(), count) == record.size());
        const tls::OpenedRecord opened = tls::open_record(&opening, record.data(), record.size(), nullptr);
        require(opened.ok || keys.version == tls::RecordVersion::Tls13);
        if (!opened.ok) {
            return;
        }
        require(opened.size <= count);
        const tls::Verdict verdict = rules.judge(opened.type, tls::ByteView(opened.content, opened.size));
        require(verdict.kind != tls::Verdict::Kind::Data || opened.size > 0);
        if (verdict.kind == tls::Verdict::Kind::Refuse) {
            return;
        }
        data += 2 + count;
        size -= 2 + count;
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size > 0) {
        const tls::TrafficKeys keys = keys_of(data[0]);
        open_forged(keys, data + 1, size - 1);
        judge_sealed(keys, data + 1, size - 1);
    }
    return 0;
}
