#include "record/protection.h"

#include <cstring>

#include "record/record_cipher.h"

namespace tls {

namespace {

constexpr size_t kExplicitNonce = 8;
constexpr uint64_t kGcmRecords = uint64_t{1} << 24;
constexpr uint64_t kLastSequence = UINT64_MAX;

using SequenceBytes = std::array<uint8_t, 8>;

void put_u16(uint8_t* to, size_t value) {
    to[0] = static_cast<uint8_t>(value >> 8);
    to[1] = static_cast<uint8_t>(value);
}

SequenceBytes bytes_of(uint64_t number) {
    SequenceBytes bytes;
    for (size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
    }
    return bytes;
}

// RFC 8446 section 5.3; the same in RFC 7905 section 2.
Nonce counted_nonce(const TrafficKeys& keys) {
    Nonce nonce = keys.iv;
    const SequenceBytes sequence = bytes_of(keys.sequence);
    for (size_t i = 0; i < sequence.size(); ++i) {
        nonce[4 + i] ^= sequence[i];
    }
    return nonce;
}

// RFC 5288 section 3: the salt, then what the record carries.
Nonce carried_nonce(const TrafficKeys& keys, const uint8_t* carried) {
    Nonce nonce = keys.iv;
    std::memcpy(nonce.data() + 4, carried, kExplicitNonce);
    return nonce;
}

// What is authenticated beside the content: RFC 8446 section 5.2, RFC 5246 section 6.2.3.3.
struct Authenticated {
    std::array<uint8_t, 13> bytes;
    size_t size;
    ByteView view() const { return ByteView(bytes.data(), size); }
};

Authenticated authenticated_tls13(const uint8_t* header) {
    Authenticated data{{}, kRecordHeader};
    std::memcpy(data.bytes.data(), header, kRecordHeader);
    return data;
}

Authenticated authenticated_tls12(const TrafficKeys& keys, const uint8_t* header, size_t content) {
    Authenticated data{{}, 13};
    const SequenceBytes sequence = bytes_of(keys.sequence);
    std::memcpy(data.bytes.data(), sequence.data(), sequence.size());
    std::memcpy(data.bytes.data() + 8, header, 3);
    put_u16(data.bytes.data() + 11, content);
    return data;
}

OpenedRecord refused(Alert alert) {
    OpenedRecord record;
    record.alert = alert;
    return record;
}

// The content type is the last byte that is not zero (RFC 8446 section 5.4).
OpenedRecord unpack_tls13(const uint8_t* inner, size_t size) {
    while (size > 0 && inner[size - 1] == 0) {
        --size;
    }
    if (size == 0) {
        return refused(Alert::UnexpectedMessage);
    }
    OpenedRecord record;
    record.ok = true;
    record.type = static_cast<ContentType>(inner[size - 1]);
    record.content = inner;
    record.size = size - 1;
    return record;
}

}  // namespace

size_t record_head(const TrafficKeys& keys) {
    return kRecordHeader + (keys.has_explicit_nonce() ? kExplicitNonce : 0);
}

size_t record_tail(const TrafficKeys& keys) {
    return kTagSize + (keys.version == RecordVersion::Tls13 ? 1 : 0);
}

size_t seal_record(TrafficKeys* keys, ContentType type, uint8_t* record, size_t size) {
    if (keys->sequence == kLastSequence || size > kMaxContent) {
        return 0;
    }
    const bool is_tls13 = keys->version == RecordVersion::Tls13;
    const size_t head = record_head(*keys);
    const size_t whole = head + size + record_tail(*keys);
    record[0] = static_cast<uint8_t>(is_tls13 ? ContentType::ApplicationData : type);
    put_u16(record + 1, 0x0303);
    put_u16(record + 3, whole - kRecordHeader);
    size_t inner = size;
    Nonce nonce;
    Authenticated authenticated{};
    if (is_tls13) {
        record[head + inner++] = static_cast<uint8_t>(type);
        authenticated = authenticated_tls13(record);
    } else {
        authenticated = authenticated_tls12(*keys, record, size);
    }
    if (keys->has_explicit_nonce()) {
        const SequenceBytes carried = bytes_of(keys->explicit_nonce());
        std::memcpy(record + kRecordHeader, carried.data(), carried.size());
        nonce = carried_nonce(*keys, carried.data());
    } else {
        nonce = counted_nonce(*keys);
    }
    if (!encrypt(*keys, nonce, authenticated.view(), record + head, inner)) {
        return 0;
    }
    ++keys->sequence;
    return whole;
}

size_t record_size(ByteView bytes) {
    return bytes.size() < kRecordHeader ? 0 : kRecordHeader + (size_t{bytes[3]} << 8 | bytes[4]);
}

bool is_bad_header(const TrafficKeys& keys, ByteView header, Alert* alert) {
    const bool is_tls13 = keys.version == RecordVersion::Tls13;
    const auto type = static_cast<ContentType>(header[0]);
    const size_t size = record_size(header) - kRecordHeader;
    // RFC 8446 section 5: behind the handshake all is protected, and only its type can stand here.
    const bool known = is_tls13
                           ? type == ContentType::ApplicationData
                           : type >= ContentType::ChangeCipherSpec && type <= ContentType::ApplicationData;
    if (!known) {
        *alert = Alert::UnexpectedMessage;
        return true;
    }
    if (header[1] != 3 || (!is_tls13 && header[2] != 3)) {
        *alert = Alert::ProtocolVersion;
        return true;
    }
    // RFC 8446 section 5.2, RFC 5246 section 6.2.3.
    if (size > kMaxContent + (is_tls13 ? 256 : 2048)) {
        *alert = Alert::RecordOverflow;
        return true;
    }
    return false;
}

size_t opened_size(const TrafficKeys& keys, size_t size) {
    const size_t around = record_head(keys) + kTagSize;
    return size > around ? size - around : 0;
}

OpenedRecord open_record(TrafficKeys* keys, uint8_t* record, size_t size, uint8_t* out) {
    const bool is_tls13 = keys->version == RecordVersion::Tls13;
    const size_t head = record_head(*keys);
    if (size < head + kTagSize || keys->sequence == kLastSequence) {
        return refused(Alert::BadRecordMac);
    }
    const size_t inner = size - head - kTagSize;
    // One byte more in TLS 1.3: the type.
    if (inner > kMaxContent + (is_tls13 ? 1 : 0)) {
        return refused(Alert::RecordOverflow);
    }
    uint8_t* to = out != nullptr ? out : record + head;
    const Nonce nonce =
        keys->has_explicit_nonce() ? carried_nonce(*keys, record + kRecordHeader) : counted_nonce(*keys);
    const Authenticated authenticated =
        is_tls13 ? authenticated_tls13(record) : authenticated_tls12(*keys, record, inner);
    if (!decrypt(*keys, nonce, authenticated.view(), record + head, inner, to)) {
        return refused(Alert::BadRecordMac);
    }
    ++keys->sequence;
    if (is_tls13) {
        return unpack_tls13(to, inner);
    }
    OpenedRecord opened;
    opened.ok = true;
    opened.type = static_cast<ContentType>(record[0]);
    opened.content = to;
    opened.size = inner;
    return opened;
}

bool wants_new_keys(const TrafficKeys& keys) {
    return keys.version == RecordVersion::Tls13 && keys.suite != RecordSuite::ChaCha20Poly1305 &&
           keys.sequence >= kGcmRecords;
}

}  // namespace tls
