"""Real programs of the testbed's Pods: guestbook-go, Redis, CoreDNS, and their images."""
