// One copy of what many clients offer alike: browsers of a kind send the same lists, and each connection
// would else keep some hundred bytes of them.
#pragma once

#include <memory>

#include "server/facts.h"

namespace tls {

// Terms equal to those, of which other connections may have the same copy. Never null. Copies of the last few
// hundred different ones are kept, whatever clients send.
std::shared_ptr<const OfferedTerms> share_terms(OfferedTerms terms);

// What nobody has offered.
std::shared_ptr<const OfferedTerms> no_terms();

}  // namespace tls
