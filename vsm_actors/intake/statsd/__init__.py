"""StatsD over UDP and TCP: sockets that outlive the intake, a pure decoder, and its actor."""
