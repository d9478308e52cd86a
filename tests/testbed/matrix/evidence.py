"""What is known of a connection without an answer: whether it, or the probe, was late."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """`batch`: the number, from 1, of the connections that were tried at once; `port`: this end's,
    0 for ICMP; `tcp`: TcpState, None for other protocols; `late`: whether something lay unread in
    the socket when the time was over; `longest_turn`: seconds that the slowest turn of the probe's
    loop took, which waits for half a second where nothing happens."""

    batch: int
    port: int
    tcp: object
    late: bool
    longest_turn: float

    def __str__(self):
        said = [str(self.tcp)] if self.tcp else []
        said += ["something lay unread at the end"] if self.late else []
        said += [f"from port {self.port}"] if self.port else []
        return ", ".join([*said, f"batch {self.batch}",
                          f"longest turn {self.longest_turn:.1f} s"])
