#include "server/report.h"

namespace tls {

const char* port_use_name(PortUse use) {
    switch (use) {
        case PortUse::Tls:
            return "tls";
        case PortUse::Upgraded:
            return "upgraded";
        case PortUse::Plain:
            return "plain";
        case PortUse::Redirected:
            return "redirected";
        case PortUse::Refused:
            return "refused";
        case PortUse::Other:
            return "other";
    }
    return "other";  // not reached: -Wswitch names a word that is missing above
}

const char* ended_by_name(EndedBy ended_by) {
    switch (ended_by) {
        case EndedBy::Nobody:
            return "";
        case EndedBy::Client:
            return "client";
        case EndedBy::Server:
            return "server";
    }
    return "";
}

const char* certified_by_name(CertifiedBy certified_by) {
    switch (certified_by) {
        case CertifiedBy::None:
            return "";
        case CertifiedBy::Server:
            return "server";
        case CertifiedBy::Directory:
            return "directory";
        case CertifiedBy::Variable:
            return "variable";
        case CertifiedBy::Internal:
            return "internal";
    }
    return "";
}

}  // namespace tls
