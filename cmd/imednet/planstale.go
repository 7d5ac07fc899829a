package main

import (
	"fmt"

	"github.com/imednetgo/imednet"
)

// The states of an output.
const (
	stateMissing  = "missing"
	stateStale    = "stale"
	stateCurrent  = "up to date"
	stateForeign  = "not ours"
	stateMade     = "made"
	stateFailed   = "failed"
	stateNotTried = "not tried"
	statePaused   = "paused"
)

// madeOutput is what stands in the place of an output, as its manifest or the warehouse says.
type madeOutput struct {
	there    bool
	plan     string // that made it
	origin   imednet.Origin
	program  string
	settings string
	damage   string // what of it is no longer as it was written
	rows     int64
	review   string // what a person should look at before using it
}

// wantedOutput is what a plan wants in the place of an output.
type wantedOutput struct {
	plan, program, settings string
	origin                  imednet.Origin
}

// judge says how what stands compares with what is wanted, and why. It is the only place that decides
// whether an output is made again, and never by the time of a file.
func judge(found madeOutput, want wantedOutput) (state string, reasons []string) {
	if !found.there {
		return stateMissing, []string{"nothing is there"}
	}
	if found.plan != want.plan {
		return stateForeign, []string{"this plan did not make what stands there"}
	}
	if !sameOrigin(found.origin, want.origin) {
		reasons = append(reasons, otherOrigin(found.origin, want.origin))
	}
	if found.settings != want.settings {
		reasons = append(reasons, "it was made with other settings or from other files")
	}
	if found.program != want.program {
		reasons = append(reasons, "another version of imednet made it")
	}
	if found.damage != "" {
		reasons = append(reasons, found.damage)
	}
	if len(reasons) > 0 {
		return stateStale, reasons
	}
	return stateCurrent, nil
}

// sameOrigin compares all that an origin says: a mirror that was made anew counts its versions from 1.
func sameOrigin(a, b imednet.Origin) bool {
	return a.Version == b.Version && a.Cut == b.Cut && a.ServerTime.Equal(b.ServerTime)
}

func otherOrigin(found, now imednet.Origin) string {
	switch {
	case found.IsZero():
		return "it was not made from the mirror alone"
	case now.IsZero():
		return "there is no mirror of the study yet"
	case now.Cut != "" && found.Cut != now.Cut:
		return "it was not made from the data cut that the plan names"
	case now.Cut == "" && found.Cut != "":
		return "it was made from a data cut"
	case now.Cut != "":
		return "the data cut was made anew since"
	case found.Version != now.Version:
		return fmt.Sprintf("it was made from version %d of the mirror, which is at %d", found.Version, now.Version)
	}
	return fmt.Sprintf("it was made from version %d of another mirror", found.Version)
}
