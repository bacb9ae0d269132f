# Holds a UDP socket as systemd would: for each line that it reads, runs the command of its
# arguments with the socket as standard input, and waits for its end.
use strict;
use warnings;
use POSIX qw(dup2);
use Socket;

$| = 1;
socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
my ($port) = sockaddr_in(getsockname($socket));
print "holds $port\n";
while (<STDIN>) {
  my $pid = fork();
  die "fork: $!" unless defined $pid;
  if ($pid == 0) {
    dup2(fileno($socket), 0);
    exec @ARGV or die "exec: $!";
  }
  print "child $pid\n";
  waitpid($pid, 0);
  print "ended $?\n";
}
