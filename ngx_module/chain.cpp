#include "chain.h"

#include <algorithm>

namespace tls {

off_t send_limit(off_t limit) {
    const auto most = static_cast<off_t>(NGX_MAX_INT32_VALUE) - static_cast<off_t>(ngx_pagesize);
    return limit == 0 || limit > most ? most : limit;
}

ssize_t take_bytes(ngx_buf_t* from, u_char* to, size_t room) {
    if (ngx_buf_in_memory(from)) {
        const size_t size = std::min(room, static_cast<size_t>(from->last - from->pos));
        ngx_memcpy(to, from->pos, size);
        from->pos += size;
        if (from->in_file) {
            from->file_pos += static_cast<off_t>(size);
        }
        return static_cast<ssize_t>(size);
    }
    const auto size =
        static_cast<size_t>(std::min(static_cast<off_t>(room), from->file_last - from->file_pos));
    const ssize_t count = ngx_read_file(from->file, to, size, from->file_pos);
    if (count == NGX_ERROR || static_cast<size_t>(count) != size) {
        ngx_log_error(NGX_LOG_ALERT, from->file->log, 0, "file \"%s\" has changed while it was sent",
                      from->file->name.data);
        return NGX_ERROR;
    }
    from->file_pos += count;
    return count;
}

bool has_last_buffer(const ngx_chain_t* chain) {
    for (; chain != nullptr; chain = chain->next) {
        if (chain->buf->last_buf) {
            return true;
        }
    }
    return false;
}

}  // namespace tls
