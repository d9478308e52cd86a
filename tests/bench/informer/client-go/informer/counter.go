package main

import "time"

// counter counts the changes of Pods that the handler has seen: first paced ones, then those of a burst.
type counter struct {
	paced, burst int
	seen         int
	handledAt    []int64         // of paced ones, nanoseconds since the epoch
	done         [2]chan float64 // gets the CPU seconds then
}

func newCounter(paced, burst int) *counter {
	return &counter{paced: paced, burst: burst, handledAt: make([]int64, 0, paced),
		done: [2]chan float64{make(chan float64, 1), make(chan float64, 1)}}
}

// handled is called by one goroutine of client-go.
func (c *counter) handled() {
	c.seen++
	if c.seen <= c.paced {
		c.handledAt = append(c.handledAt, time.Now().UnixNano())
	}
	if c.seen == c.paced {
		c.done[0] <- cpuSeconds()
	}
	if c.seen == c.paced+c.burst {
		c.done[1] <- cpuSeconds()
	}
}

// report waits for both phases and prints a line for each.
func (c *counter) report() {
	before := cpuSeconds()
	if c.paced > 0 {
		after := <-c.done[0]
		tell(line{Phase: "paced", CPU: after - before, HandledAt: c.handledAt})
		before = after
	}
	if c.burst > 0 {
		tell(line{Phase: "burst", CPU: <-c.done[1] - before})
	}
}
