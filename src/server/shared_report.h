// One copy of what became of many connections alike, as `shared_terms` has of what their clients offered.
#pragma once

#include <memory>

#include "server/report.h"

namespace tls {

// A report equal to that, of which other connections may have the same copy. Never null. Lives as long as one
// of them; of one with a client's certificate there is no other. One thread.
std::shared_ptr<const Report> share_report(Report report);

}  // namespace tls
