# A message centre nobody here wrote: Net::SMPP's server half. Says one line of JSON per message, then a receipt for it.
use strict;
use warnings;
use Net::SMPP;
use IO::Handle;
$| = 1;

my $server = Net::SMPP->new_listen('127.0.0.1', port => $ARGV[0], reuse => 1) or die "listen: $!";
print "ready\n";
while (my $peer = $server->accept()) {
  my $next = 0;
  while (my $pdu = $peer->read_pdu()) {
    my $seq = $pdu->{seq};
    if ($pdu->{cmd} == Net::SMPP::CMD_bind_transceiver) {
      $peer->bind_transceiver_resp(system_id => 'centre', seq => $seq, status => $pdu->{password} eq 'secret' ? 0 : 0x0e);
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_submit_sm) {
      my $id = sprintf('perl-%d', ++$next);
      printf qq({"to":"%s","coding":%d,"class":%d,"hex":"%s"}\n), $pdu->{destination_addr}, $pdu->{data_coding}, $pdu->{esm_class}, unpack('H*', $pdu->{short_message});
      $peer->submit_sm_resp(message_id => $id, seq => $seq);
      next unless $pdu->{registered_delivery};
      $peer->deliver_sm(esm_class => 4, source_addr => $pdu->{destination_addr}, destination_addr => 'x', async => 1,
        short_message => "id:$id sub:001 dlvrd:001 submit date:2611280300 done date:2611280301 stat:UNDELIV err:011 text:");
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_unbind) {
      $peer->unbind_resp(seq => $seq);
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) {
      $peer->enquire_link_resp(seq => $seq);
    }
  }
}
