# For suites whose blocks start, change and end servers of their own: a "run" has the functions of two_servers.sh and
# life.sh, and ends by printing what is grave in those servers' logs, but for lines that match "--- may_be_grave".
# Use it after TestTLS.
package OwnServers;

use strict;
use warnings;

use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    return unless defined $block->run;
    my $start = ". '$ENV{T_LIB}/two_servers.sh'; . '$ENV{T_LIB}/life.sh'\n";
    $block->set_value(run => $start . $block->run . "\ngrave " . ($block->may_be_grave // '') . "\n");
});

1;
