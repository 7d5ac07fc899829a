package versioning_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

func TestGoldenHashes(t *testing.T) {
	for study, want := range map[string]struct{ text, id string }{
		"S1":    {"S1", "47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8"},
		"Étude": {`\u00c9tude`, "654bcc8d90f18cd240ef6d4605e2a08dcdd803c9134837b8a6f6a3edd6ab229d"},
	} {
		body, id, err := versioning.Canonical(config(study))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf(goldenBody, want.text), string(body))
		require.Equal(t, want.id, id)
	}
}

// independent writes the Python package's canonical body from its rules, without the package's writer:
// every field by hand, sorted names, separators ", " and ": ", all but printable ASCII escaped.
func independent(c *imednet.StudyConfiguration) string {
	var mappings, widgets, phi, lookups []string
	for _, m := range c.Mappings {
		mappings = append(mappings, fmt.Sprintf(
			`{"businessLogic": %s, "domain": %s, "fallbackValue": %s, "isBaseline": %t, "sourceFormKey": %s, "sourceVariableName": %s, "targetField": %s}`,
			orNull(m.BusinessLogic), ascii(m.Domain), orNull(m.FallbackValue), m.IsBaseline, ascii(m.SourceFormKey), ascii(m.SourceVariableName), ascii(m.TargetField)))
	}
	for _, w := range c.Widgets {
		cols := w.LayoutCols
		if cols == 0 {
			cols = 12
		}
		widgets = append(widgets, fmt.Sprintf(`{"domain": %s, "layoutCols": %d, "title": %s, "type": %s, "widgetId": %s, "xAxis": %s, "yAxis": %s}`,
			ascii(w.Domain), cols, ascii(w.Title), ascii(w.Type), ascii(w.WidgetID), orNull(w.XAxis), orNull(w.YAxis)))
	}
	for _, p := range c.PHIFields {
		phi = append(phi, ascii(p))
	}
	for _, field := range byCodePoint(c.TerminologyLookups) {
		var terms []string
		for _, term := range byCodePoint(c.TerminologyLookups[field]) {
			terms = append(terms, ascii(term)+": "+ascii(c.TerminologyLookups[field][term]))
		}
		lookups = append(lookups, ascii(field)+": {"+strings.Join(terms, ", ")+"}")
	}
	return fmt.Sprintf(`{"mappings": [%s], "phiFields": [%s], "reportingProfile": %s, "studyKey": %s, "terminologyLookups": {%s}, "version": %s, "widgets": [%s]}`,
		strings.Join(mappings, ", "), strings.Join(phi, ", "), ascii(or(c.ReportingProfile, "general")), ascii(c.StudyKey),
		strings.Join(lookups, ", "), ascii(or(c.Version, "1.0.0")), strings.Join(widgets, ", "))
}

func or(s, zero string) string {
	if s == "" {
		return zero
	}
	return s
}

func orNull(s *string) string {
	if s == nil {
		return "null"
	}
	return ascii(*s)
}

// ascii escapes by way of UTF-16 units, one at a time.
func ascii(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if i := strings.IndexByte("\"\\\b\f\n\r\t", byte(unit)); unit < 128 && i >= 0 {
			b.WriteString(`\` + `"\bfnrt`[i:i+1])
		} else if unit < 32 || unit > 126 {
			fmt.Fprintf(&b, `\u%04x`, unit)
		} else {
			b.WriteByte(byte(unit))
		}
	}
	return `"` + b.String() + `"`
}

func byCodePoint[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return slices.Compare([]rune(a), []rune(b)) })
	return keys
}

// randomConfiguration makes a valid configuration of awkward texts.
func randomConfiguration(r *rand.Rand, study string) *imednet.StudyConfiguration {
	c := &imednet.StudyConfiguration{StudyKey: study, Version: pick(r, "", "1.0.0", "2"), ReportingProfile: pick(r, "", "general", "drug", "device")}
	optional := func() *string {
		if r.IntN(2) == 0 {
			return nil
		}
		s := randomText(r)
		return &s
	}
	for range r.IntN(6) {
		domain := pick(r, "AE", "ADSL", "ADLB")
		target := "aeTerm"
		if domain != "AE" {
			target = "x" + randomText(r)
		}
		c.Mappings = append(c.Mappings, imednet.MappingRule{Domain: domain, TargetField: target, SourceFormKey: "F" + randomText(r),
			SourceVariableName: "V" + randomText(r), FallbackValue: optional(), BusinessLogic: optional(), IsBaseline: r.IntN(2) == 0})
	}
	for range r.IntN(4) {
		c.Widgets = append(c.Widgets, imednet.WidgetConfig{WidgetID: "w" + randomText(r), Type: "t" + randomText(r), Title: randomText(r), Domain: "AE",
			XAxis: optional(), YAxis: optional(), LayoutCols: r.IntN(13)})
	}
	if r.IntN(3) > 0 {
		c.TerminologyLookups = map[string]map[string]string{}
		for range r.IntN(4) {
			terms := map[string]string{}
			for range r.IntN(4) {
				terms[randomText(r)] = randomText(r)
			}
			c.TerminologyLookups[randomText(r)] = terms
		}
	}
	for range r.IntN(4) {
		c.PHIFields = append(c.PHIFields, "p"+randomText(r))
	}
	return c
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func randomText(r *rand.Rand) string {
	alphabet := []rune("ab.[]/~\\\"<>&'\b\f\n\r\t\x00\x1f\x7f\u0080é\u2028\u2029\ufeff\uffff😀\U0010ffff")
	var out []rune
	for range r.IntN(8) {
		out = append(out, alphabet[r.IntN(len(alphabet))])
	}
	return string(out)
}

func TestThousandConfigurationsHashLikePython(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var bodies []string
	for range 1000 {
		c := randomConfiguration(r, "S")
		body, id, err := versioning.Canonical(c)
		require.NoError(t, err)
		want := independent(c)
		require.Equal(t, want, string(body))
		sum := sha256.Sum256([]byte(want))
		require.Equal(t, hex.EncodeToString(sum[:]), id)
		bodies = append(bodies, want)
	}
	t.Run("python", func(t *testing.T) { likePython(t, bodies) })
}

// likePython has the Python package's own writer read and write the bodies, where there is one.
func likePython(t *testing.T, bodies []string) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to compare with")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c",
		`import json,sys; [print(json.dumps(json.loads(line), sort_keys=True)) for line in sys.stdin]`)
	cmd.Stdin = strings.NewReader(strings.Join(bodies, "\n") + "\n")
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, strings.Join(bodies, "\n")+"\n", string(out))
}

// FuzzCanonical demands that the body is what the independent writer makes, and that reading it
// gives the same body again.
func FuzzCanonical(f *testing.F) {
	f.Add(uint64(1), "S")
	f.Add(uint64(2), "Étude 😀")
	f.Fuzz(func(t *testing.T, seed uint64, study string) {
		c := randomConfiguration(rand.New(rand.NewPCG(seed, 0)), study)
		body, _, err := versioning.Canonical(c)
		if !jsontextValid(study) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, independent(c), string(body))
		var generic any
		require.NoError(t, json.Unmarshal(body, &generic))
	})
}

func jsontextValid(s string) bool {
	_, err := jsontext.AppendQuote(nil, s)
	return err == nil
}

func TestStoredBodiesComeBackExactly(t *testing.T) {
	s := open(t, newPath(t))
	r := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		c := randomConfiguration(r, "S")
		e, err := s.CommitConfig(t.Context(), "S", c, why)
		if err != nil {
			require.ErrorIs(t, err, versioning.ErrDuplicate)
			continue
		}
		back, err := s.RollbackConfig(t.Context(), "S", e.CommitID)
		require.NoError(t, err)
		_, id, err := versioning.Canonical(&back)
		require.NoError(t, err)
		require.Equal(t, e.CommitID, id)
	}
}

// Unknown members are no part of the body, so that the Python package, which drops them, has the same
// commit id; they are kept beside it and come back.
func TestUnknownMembersAreKept(t *testing.T) {
	c := config("S", rule("aeTerm", "A"), rule("aeDecod", "B"))
	c.Unknown = jsontext.Value(`{"zeta": {"b": 1.50, "a": [true, null]}, "alpha": 10000000000000000000001}`)
	c.Mappings[1].Unknown = jsontext.Value(`{"note": "é"}`)
	body, id, err := versioning.Canonical(c)
	require.NoError(t, err)
	plain, plainID, err := versioning.Canonical(config("S", rule("aeTerm", "A"), rule("aeDecod", "B")))
	require.NoError(t, err)
	require.Equal(t, plainID, id)
	require.Equal(t, string(plain), string(body))

	s := open(t, newPath(t))
	e, err := s.CommitConfig(t.Context(), "S", c, why)
	require.NoError(t, err)
	require.Equal(t, `{"alpha":10000000000000000000001,"mappings":{"1":{"note":"é"}},"zeta":{"a":[true,null],"b":1.50}}`, string(e.Details.Unknown))
	back, err := s.RollbackConfig(t.Context(), "S", e.CommitID)
	require.NoError(t, err)
	require.JSONEq(t, string(c.Unknown), string(back.Unknown))
	require.JSONEq(t, `{"note": "é"}`, string(back.Mappings[1].Unknown))
	_, err = s.CommitConfig(t.Context(), "S", &back, why)
	require.ErrorIs(t, err, versioning.ErrDuplicate)

	// Another unknown member is another configuration here, under the same commit id.
	back.Unknown = jsontext.Value(`{"zeta": 2}`)
	again, err := s.CommitConfig(t.Context(), "S", &back, why)
	require.NoError(t, err)
	require.Equal(t, e.CommitID, again.CommitID)
	back, err = s.RollbackConfig(t.Context(), "S", e.CommitID)
	require.NoError(t, err)
	require.JSONEq(t, `{"zeta": 2}`, string(back.Unknown))
}

func TestCanonicalRefuses(t *testing.T) {
	for name, c := range map[string]*imednet.StudyConfiguration{
		"bad UTF-8":  config("S\xff"),
		"known name": {StudyKey: "S", Unknown: jsontext.Value(`{"studyKey": "T"}`)},
		"no JSON":    {StudyKey: "S", Unknown: jsontext.Value(`{"a"`)},
		"twice":      {StudyKey: "S", Unknown: jsontext.Value(`{"a": {"b": 1, "b": 2}}`)},
	} {
		_, _, err := versioning.Canonical(c)
		require.Error(t, err, name)
	}
}
