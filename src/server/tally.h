// What a report says, as the counters take it.
//
// Pure. Called where a connection concludes.
#pragma once

#include "server/report.h"
#include "stats/counting.h"

namespace tls {

ConnectionEvent event_of(const Report& report, std::chrono::nanoseconds duration);

// The names of what is counted, for the pages that show it.
LabelNames label_names();

}  // namespace tls
