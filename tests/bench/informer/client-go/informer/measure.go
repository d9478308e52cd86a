package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// line is a line of output. Memory is that of the whole process, from /proc/self/status.
type line struct {
	Phase      string         `json:"phase"`
	Seconds    float64        `json:"seconds,omitempty"`
	CPU        float64        `json:"cpu,omitempty"` // seconds, user and system
	PeakKB     int            `json:"peak_kb"`
	ResidentKB int            `json:"resident_kb"`
	Objects    map[string]int `json:"objects,omitempty"`
	HandledAt  []int64        `json:"handled_at,omitempty"`
}

func tell(what line) {
	what.PeakKB, what.ResidentKB = memory("VmHWM:"), memory("VmRSS:")
	json.NewEncoder(os.Stdout).Encode(what)
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	seconds := func(time syscall.Timeval) float64 { return float64(time.Sec) + float64(time.Usec)/1e6 }
	return seconds(used.Utime) + seconds(used.Stime)
}

func memory(field string) int {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), field)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	number, _ := strconv.Atoi(words[0])
	return number
}
