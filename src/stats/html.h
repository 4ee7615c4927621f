// The status as a page for people.
//
// Pure. One document without anything from elsewhere: it reads well without a script, and with one it asks
// for itself again every few seconds. All text of the configuration in it is escaped.
#pragma once

#include <string>

#include "stats/snapshot.h"

namespace tls {

std::string render_html(const Snapshot& snapshot);

}  // namespace tls
