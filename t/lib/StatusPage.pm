# The status page for suites: at /status of the plain server, and the functions of status.sh in each run. Use it after
# TestTLS.
package StatusPage;

use strict;
use warnings;

use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(config => "        location = /status { tls_status; }\n")
        unless defined $block->config || defined $block->emerg || defined $block->warn;
    $block->set_value(run => ". '$ENV{T_LIB}/status.sh'\n" . $block->run) if defined $block->run;
});

1;
