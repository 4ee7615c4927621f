// Record protection: TLS 1.3 (RFC 8446 section 5.2) and AEAD suites of TLS 1.2 (RFC 5246 section 6.2.3.3).
//
// Used by the server's record layer. Pure: memory in, memory out, the keys' counters move on. Never reads or
// writes a socket.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/alert.h"
#include "base/bytes.h"
#include "record/traffic_keys.h"

namespace tls {

enum class ContentType : uint8_t {
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
};

constexpr size_t kRecordHeader = 5;
constexpr size_t kMaxContent = 16384;
// The most that stands before a record's content and behind it, in any version and suite.
constexpr size_t kMaxRecordHead = kRecordHeader + 8;
constexpr size_t kMaxRecordTail = 17;

// How much of a record stands before its content, and behind it.
size_t record_head(const TrafficKeys& keys);
size_t record_tail(const TrafficKeys& keys);

// Makes a record of `size` bytes of content, at most kMaxContent, which stand at `record + record_head()`, in
// place. The size of the whole record; 0 when libcrypto failed or the keys are used up.
size_t seal_record(TrafficKeys* keys, ContentType type, uint8_t* record, size_t size);

// The size of the record that begins the bytes, header included; 0 when that is not known yet.
size_t record_size(ByteView bytes);

struct OpenedRecord {
    bool ok = false;
    Alert alert = Alert::InternalError;  // what to tell the peer when not ok
    ContentType type = ContentType::ApplicationData;
    const uint8_t* content = nullptr;
    size_t size = 0;
};

// True when the header says what no peer may send, whatever follows it; *alert is for the peer then.
bool is_bad_header(const TrafficKeys& keys, ByteView header, Alert* alert);

// The bytes that opening a record of that whole size writes; 0 for one that is too short.
size_t opened_size(const TrafficKeys& keys, size_t size);

// Opens one whole record at `record`, `size` bytes with its header. The content stands at `out` afterwards,
// which has room for opened_size() bytes, or without `out` (null) in the record's own place.
OpenedRecord open_record(TrafficKeys* keys, uint8_t* record, size_t size, uint8_t* out);

// True when new keys should be made before the next record is sealed: RFC 8446 section 5.5 lets AES-GCM
// protect 2^24.5 full records. TLS 1.2 has no way to do so.
bool wants_new_keys(const TrafficKeys& keys);

}  // namespace tls
