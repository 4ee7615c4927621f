#include "policy/policy.h"

namespace tls {

bool same_terms(const Policy& a, const Policy& b) {
    return a.protocols == b.protocols && a.ciphers == b.ciphers && a.ciphersuites == b.ciphersuites &&
           a.groups == b.groups && a.signature_algorithms == b.signature_algorithms &&
           a.dhparam_file == b.dhparam_file && a.prefer_server_ciphers == b.prefer_server_ciphers &&
           a.verify == b.verify && a.verify_depth == b.verify_depth && a.conf_commands == b.conf_commands;
}

bool allows_version(const Policy& policy, unsigned version) {
    switch (version) {
        case 0x0301:
            return (policy.protocols & kTlsv1) != 0;
        case 0x0302:
            return (policy.protocols & kTlsv11) != 0;
        case 0x0303:
            return (policy.protocols & kTlsv12) != 0;
        case 0x0304:
            return (policy.protocols & kTlsv13) != 0;
        default:
            return false;
    }
}

}  // namespace tls
