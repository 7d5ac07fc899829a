package imednettest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/shown"
)

// parts are the members of a scenario, each of which is decoded by itself so that its place is known.
type parts struct {
	Seed       json.RawMessage   `json:"seed"`
	Settings   json.RawMessage   `json:"settings"`
	Rights     json.RawMessage   `json:"rights"`
	CommitLag  json.RawMessage   `json:"commitLag"`
	OtherJobs  json.RawMessage   `json:"otherJobs"`
	Connection json.RawMessage   `json:"connection"`
	Faults     []json.RawMessage `json:"faults"`
	Changes    []json.RawMessage `json:"changes"`
	Jobs       []json.RawMessage `json:"jobs"`
}

// decodeScenario decodes a scenario strictly. Its errors name the place in the words of the file.
func decodeScenario(raw []byte) (s Scenario, err error) {
	var p parts
	if string(bytes.TrimSpace(raw)) == "null" {
		return s, errors.New("null is no scenario")
	}
	if err := strictly(raw, &p); err != nil {
		return s, err
	}
	for _, one := range []struct {
		place string
		raw   json.RawMessage
		into  any
	}{
		{"seed", p.Seed, &s.Seed}, {"settings", p.Settings, &s.Settings}, {"rights", p.Rights, &s.Rights}, {"commitLag", p.CommitLag, &s.CommitLag},
		{"otherJobs", p.OtherJobs, &s.OtherJobs}, {"connection", p.Connection, &s.Connection},
	} {
		if len(one.raw) > 0 {
			err = errors.Join(err, at(one.place, strictly(one.raw, one.into)))
		}
	}
	var faults, changes, jobs error
	s.Faults, faults = decodeEach[Fault]("faults", p.Faults)
	s.Changes, changes = decodeEach[Change]("changes", p.Changes)
	s.Jobs, jobs = decodeEach[JobPlan]("jobs", p.Jobs)
	for n, raw := range p.Jobs {
		jobs = errors.Join(jobs, at(fmt.Sprintf("jobs[%d]", n), checkIndexes(raw)))
	}
	jobs = errors.Join(jobs, at("otherJobs", checkIndexes(p.OtherJobs)))
	return s, errors.Join(err, faults, changes, jobs)
}

func decodeEach[T any](place string, raws []json.RawMessage) (out []T, err error) {
	for n, raw := range raws {
		var one T
		problem := strictly(raw, &one)
		if string(raw) == "null" {
			problem = errors.New("null is none")
		}
		err = errors.Join(err, at(fmt.Sprintf("%s[%d]", place, n), problem))
		out = append(out, one)
	}
	return out, err
}

// checkIndexes refuses an index of a job plan that is written unlike a number of JSON, such as "00": of
// two spellings of one index the last would silently win. Other mistakes are left to the plan's decoder.
func checkIndexes(plan []byte) error {
	var of struct {
		Reject map[string]json.RawMessage `json:"reject"`
	}
	if json.Unmarshal(plan, &of) != nil {
		return nil
	}
	for _, index := range slices.Sorted(maps.Keys(of.Reject)) {
		if n, err := strconv.Atoi(index); err == nil && strconv.Itoa(n) != index {
			return fmt.Errorf("reject: %q is not the index of an item; the first item is 0", index)
		}
	}
	return nil
}

// strictly decodes one JSON value and refuses members that into does not have.
func strictly(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return wrongType(wrong)
	case err == io.EOF:
		return errors.New("it is empty")
	case err != nil:
		if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			name = strings.Trim(name, `"`)
			return fmt.Errorf("there is no member %q%s", name, shown.DidYouMean(name, membersIn(into)))
		}
		return err
	}
	if _, more := dec.Token(); more != io.EOF {
		return errors.New("something follows the scenario")
	}
	return nil
}

// wrongType names the member, and what it must be, without the names of Go.
func wrongType(wrong *json.UnmarshalTypeError) error {
	member := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
	kind := map[reflect.Kind]string{
		reflect.Bool: "true or false", reflect.String: "a text", reflect.Slice: "an array", reflect.Map: "an object", reflect.Struct: "an object",
		reflect.Float64: "a number", reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Uint64: "a whole number that is not negative",
	}[wrong.Type.Kind()]
	if wrong.Type == reflect.TypeFor[duration]() {
		kind = `a text such as "1.5s"`
	}
	return fmt.Errorf("%s", strings.TrimSpace(fmt.Sprintf("%s must be %s, not %s", member, kind, wrong.Value)))
}

// membersIn are the names of the members that a pointer to a struct can be decoded from.
func membersIn(into any) (names []string) {
	typ := reflect.TypeOf(into).Elem()
	if typ == reflect.TypeFor[Fault]() {
		names = membersIn(new(struct {
			Delay, Jump, RetryAfterDate, Trickle duration
		}))
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	for n := range typ.NumField() {
		tag, _, _ := strings.Cut(typ.Field(n).Tag.Get("json"), ",")
		switch name := typ.Field(n).Name; tag {
		case "-":
		case "":
			names = append(names, strings.ToLower(name[:1])+name[1:])
		default:
			names = append(names, tag)
		}
	}
	return names
}
