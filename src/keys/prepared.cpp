#include "keys/prepared.h"

namespace tls {

thread_local Prepared* PreparedScope::current_ = nullptr;

}  // namespace tls
