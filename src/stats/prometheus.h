// The status in Prometheus' text format, version 0.0.4.
//
// Pure. What a server never counted has no line, so that thousands of servers make a page of bearable length.
#pragma once

#include <string>

#include "stats/snapshot.h"

namespace tls {

std::string render_prometheus(const Snapshot& snapshot);

}  // namespace tls
