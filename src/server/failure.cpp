#include "server/failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <vector>

#include "base/alert.h"
#include "base/openssl.h"

namespace tls {

namespace {

struct KnownReason {
    int code;  // SSL_R_…
    Reason reason;
};

// What a client alone can cause, by libssl's reason code.
constexpr KnownReason kClientReasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, Reason::NoSharedVersion},
    {SSL_R_UNKNOWN_PROTOCOL, Reason::NoSharedVersion},
    {SSL_R_VERSION_TOO_LOW, Reason::NoSharedVersion},
    {SSL_R_INAPPROPRIATE_FALLBACK, Reason::NoSharedVersion},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, Reason::NoSharedVersion},
    {SSL_R_NO_SHARED_CIPHER, Reason::NoSharedCipher},
    {SSL_R_NO_CIPHERS_SPECIFIED, Reason::NoSharedCipher},
    {SSL_R_NO_SUITABLE_KEY_SHARE, Reason::NoSharedGroup},
    {SSL_R_NO_SHARED_GROUPS, Reason::NoSharedGroup},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, Reason::NoSharedSignature},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, Reason::NoSharedSignature},
    {SSL_R_NO_APPLICATION_PROTOCOL, Reason::NoSharedApplication},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, Reason::PeerClosed},
    {SSL_R_BAD_CHANGE_CIPHER_SPEC, Reason::PeerProtocol},
    {SSL_R_BAD_DIGEST_LENGTH, Reason::PeerProtocol},
    {SSL_R_BAD_ECPOINT, Reason::PeerProtocol},
    {SSL_R_BAD_EXTENSION, Reason::PeerProtocol},
    {SSL_R_BAD_HELLO_REQUEST, Reason::PeerProtocol},
    {SSL_R_BAD_KEY_SHARE, Reason::PeerProtocol},
    {SSL_R_BAD_KEY_UPDATE, Reason::PeerProtocol},
    {SSL_R_BAD_LEGACY_VERSION, Reason::PeerProtocol},
    {SSL_R_BAD_LENGTH, Reason::PeerProtocol},
    {SSL_R_BAD_PACKET, Reason::PeerProtocol},
    {SSL_R_BAD_PSK, Reason::PeerProtocol},
    {SSL_R_BAD_RECORD_TYPE, Reason::PeerProtocol},
    {SSL_R_BAD_SIGNATURE, Reason::PeerProtocol},
    {SSL_R_BINDER_DOES_NOT_VERIFY, Reason::PeerProtocol},
    {SSL_R_BLOCK_CIPHER_PAD_IS_WRONG, Reason::PeerProtocol},
    {SSL_R_CCS_RECEIVED_EARLY, Reason::PeerProtocol},
    {SSL_R_CLIENTHELLO_TLSEXT, Reason::PeerProtocol},
    {SSL_R_DATA_BETWEEN_CCS_AND_FINISHED, Reason::PeerProtocol},
    {SSL_R_DATA_LENGTH_TOO_LONG, Reason::PeerProtocol},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, Reason::PeerProtocol},
    {SSL_R_DIGEST_CHECK_FAILED, Reason::PeerProtocol},
    {SSL_R_ENCRYPTED_LENGTH_TOO_LONG, Reason::PeerProtocol},
    {SSL_R_ERROR_IN_RECEIVED_CIPHER_LIST, Reason::PeerProtocol},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, Reason::PeerProtocol},
    {SSL_R_GOT_A_FIN_BEFORE_A_CCS, Reason::PeerProtocol},
    {SSL_R_INVALID_COMPRESSION_ALGORITHM, Reason::PeerProtocol},
    {SSL_R_INVALID_KEY_UPDATE_TYPE, Reason::PeerProtocol},
    {SSL_R_LENGTH_MISMATCH, Reason::PeerProtocol},
    {SSL_R_LENGTH_TOO_SHORT, Reason::PeerProtocol},
    {SSL_R_MISSING_SIGALGS_EXTENSION, Reason::PeerProtocol},
    {SSL_R_MISSING_SUPPORTED_GROUPS_EXTENSION, Reason::PeerProtocol},
    {SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA, Reason::PeerProtocol},
    {SSL_R_NOT_ON_RECORD_BOUNDARY, Reason::PeerProtocol},
    {SSL_R_NO_CHANGE_FOLLOWING_HRR, Reason::PeerProtocol},
    {SSL_R_NO_COMPRESSION_SPECIFIED, Reason::PeerProtocol},
    {SSL_R_NO_RENEGOTIATION, Reason::PeerProtocol},
    {SSL_R_PACKET_LENGTH_TOO_LONG, Reason::PeerProtocol},
    {SSL_R_PARSE_TLSEXT, Reason::PeerProtocol},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, Reason::VerifyFailed},
    {SSL_R_RECORD_LENGTH_MISMATCH, Reason::PeerProtocol},
    {SSL_R_RECORD_TOO_SMALL, Reason::PeerProtocol},
    {SSL_R_RENEGOTIATE_EXT_TOO_LONG, Reason::PeerProtocol},
    {SSL_R_RENEGOTIATION_ENCODING_ERR, Reason::PeerProtocol},
    {SSL_R_RENEGOTIATION_MISMATCH, Reason::PeerProtocol},
    {SSL_R_SCSV_RECEIVED_WHEN_RENEGOTIATING, Reason::PeerProtocol},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, Reason::PeerAlert},
    {SSL_R_TOO_MANY_KEY_UPDATES, Reason::PeerProtocol},
    {SSL_R_TOO_MANY_WARN_ALERTS, Reason::PeerProtocol},
    {SSL_R_TOO_MUCH_EARLY_DATA, Reason::PeerProtocol},
    {SSL_R_UNEXPECTED_CCS_MESSAGE, Reason::PeerProtocol},
    {SSL_R_UNEXPECTED_END_OF_EARLY_DATA, Reason::PeerProtocol},
    {SSL_R_UNEXPECTED_MESSAGE, Reason::PeerProtocol},
    {SSL_R_UNEXPECTED_RECORD, Reason::PeerProtocol},
    {SSL_R_UNKNOWN_ALERT_TYPE, Reason::PeerProtocol},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, Reason::PeerProtocol},
    {SSL_R_UNSOLICITED_EXTENSION, Reason::PeerProtocol},
    {SSL_R_WRONG_CERTIFICATE_TYPE, Reason::PeerProtocol},
    {SSL_R_WRONG_SIGNATURE_LENGTH, Reason::PeerProtocol},
    {SSL_R_WRONG_SIGNATURE_TYPE, Reason::PeerProtocol},
    {SSL_R_WRONG_VERSION_NUMBER, Reason::PeerProtocol},
};

constexpr int kInternalError = static_cast<int>(Alert::InternalError);

// Errors of a socket whose other end is gone or out of reach.
constexpr int kPeerErrors[] = {ECONNRESET, EPIPE,       ENOTCONN,  ETIMEDOUT,   ECONNREFUSED,
                               ENETDOWN,   ENETUNREACH, EHOSTDOWN, EHOSTUNREACH};

// What the client did, by one error of the queue; null when that is not a client's.
const KnownReason* find_client_reason(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
        return nullptr;
    }
    const auto* known =
        std::find_if(std::begin(kClientReasons), std::end(kClientReasons),
                     [error](const KnownReason& entry) { return entry.code == ERR_GET_REASON(error); });
    return known != std::end(kClientReasons) ? known : nullptr;
}

bool is_peer_error(int system_error) {
    return std::find(std::begin(kPeerErrors), std::end(kPeerErrors), system_error) != std::end(kPeerErrors);
}

}  // namespace

Failure explain_failure(int ssl_error, int system_error, int alert_received, int alert_sent) {
    Failure failure;
    failure.system_error = system_error;
    std::vector<unsigned long> codes;
    failure.text = drain_openssl_errors(&codes);
    // libssl's own words stand among those of the library that it asked and its record layer's.
    const KnownReason* known = nullptr;
    for (size_t i = 0; i < codes.size() && known == nullptr; ++i) {
        known = find_client_reason(codes[i]);
    }
    if (system_error != 0) {
        failure.peer_to_blame = is_peer_error(system_error);
        failure.reason = failure.peer_to_blame ? Reason::PeerClosed : Reason::Internal;
    } else if (ssl_error == SSL_ERROR_ZERO_RETURN || ssl_error == SSL_ERROR_SYSCALL) {
        failure.peer_to_blame = true;
        failure.reason = Reason::PeerClosed;
    } else if (alert_received >= 0) {
        failure.peer_to_blame = true;
        failure.reason = Reason::PeerAlert;
    } else if (known != nullptr) {
        failure.peer_to_blame = true;
        failure.reason = known->reason;
    } else if (alert_sent >= 0 && alert_sent != kInternalError) {
        // libssl told the client so: whatever it was, the client did it.
        failure.peer_to_blame = true;
        failure.reason = Reason::PeerProtocol;
    }
    return failure;
}

}  // namespace tls
