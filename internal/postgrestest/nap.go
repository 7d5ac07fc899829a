package postgrestest

import "time"

// nap waits for a server that is starting, which no clock of a test moves.
func nap() { time.Sleep(5 * time.Millisecond) }
