// The status as one JSON object: the whole, each server, the last minute, certificates.
//
// Pure. What was never counted is left out, as in the other formats.
#pragma once

#include <string>

#include "stats/snapshot.h"

namespace tls {

std::string render_json(const Snapshot& snapshot);

}  // namespace tls
