// Package testheap saves the third of their processor time that tests which make much and keep little would spend
// collecting it. What a test bounds, it measures after a collection of its own, or counts as it is allocated.
package testheap

import (
	"os"
	"runtime/debug"
	"strconv"
)

// percent lets a heap grow to five times what is in use before it is collected.
const percent = 400

// variable tells a Go program when to collect.
const variable = "GOGC"

// Setting is the variable as [Grow] sets it, for processes that do not take the environment of this one.
var Setting = variable + "=" + strconv.Itoa(percent)

// Grow collects late in this process and in those that it starts, unless the environment says when. TestMain calls it.
func Grow() {
	if os.Getenv(variable) == "" {
		debug.SetGCPercent(percent)
		os.Setenv(variable, strconv.Itoa(percent))
	}
}
