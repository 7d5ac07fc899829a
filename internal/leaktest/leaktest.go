// Package leaktest plants what data of subjects looks like and looks for it in what people and logs get
// to see.
package leaktest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
)

// Needles are what data of subjects looks like: names, initials, keys, dates, free text, and texts that
// would steer a terminal. None occurs in this library's own texts.
var Needles = []string{
	"SMITH", "Smithson", "Q.X.Z.", "Łukasz-Ångström", "O'Brien-Zyx", "977-031", "19470923", "1947-09-23",
	"born on the ninth of Septober", "Zyx Smithson\nwithdrew", "\x1b[31mSMITHRED\x1b[0m", "\u202eNOSHTIMS", strings.Repeat("Smithlong", 120),
}

// Turn is what case number i of a long sweep plants: one of Needles, so that all have their turn; with
// IMEDNET_LONG each case plants them all.
func Turn(i int) []string {
	if os.Getenv("IMEDNET_LONG") != "" {
		return Needles
	}
	at := i % len(Needles)
	return Needles[at : at+1]
}

// Sweep tries the cases that a needle makes, each with the needles whose turn it is.
func Sweep[C any](cases func(needle string) map[string]C, try func(name, needle string, c C)) {
	for i, name := range slices.Sorted(maps.Keys(cases(""))) {
		for _, needle := range Turn(i) {
			try(name, needle, cases(needle)[name])
		}
	}
}

// spellings are the ways in which a needle may be written.
func spellings(needle string) []string {
	quoted := strings.Trim(fmt.Sprintf("%q", needle), `"`)
	encoded, _ := json.Marshal(needle)
	all := []string{needle, quoted, strings.Trim(string(encoded), `"`), strings.ReplaceAll(needle, "\n", " "), hex.EncodeToString([]byte(needle)), fmt.Sprint([]byte(needle))}
	for _, long := range []string{"Smithlong", "NOSHTIMS", "SMITHRED", "withdrew"} {
		if strings.Contains(needle, long) {
			all = append(all, long)
		}
	}
	return all
}

// In lists where a text holds a needle, each with some of what stands around it.
func In(text string, needles ...string) []string {
	if len(needles) == 0 {
		needles = Needles
	}
	var found []string
	for _, needle := range needles {
		for _, spelling := range spellings(needle) {
			if at := strings.Index(text, spelling); at >= 0 {
				found = append(found, fmt.Sprintf("%.40q in …%s…", needle, text[max(0, at-80):min(len(text), at+len(spelling)+40)]))
				break
			}
		}
	}
	return found
}

// Printed is everything that printing and logging a value can show: by every verb, whole, and of an
// error everything that it unwraps to.
func Printed(v any) string {
	var b bytes.Buffer
	print(&b, v)
	return b.String()
}

func print(b *bytes.Buffer, v any) {
	if v == nil {
		return
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%10.3s"} {
		fmt.Fprintf(b, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(b, nil)).Info("it", "it", v)
	err, isError := v.(error)
	if !isError {
		return
	}
	slog.New(slog.NewJSONHandler(b, nil)).Info("it", "it", v)
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			print(b, one)
		}
	}
	if cause := errors.Unwrap(err); cause != nil {
		print(b, cause)
	}
}
