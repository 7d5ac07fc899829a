package cdisc

import (
	"context"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func defineOptions() DefineOptions {
	return DefineOptions{Created: made, StudyOID: "S", MetaDataVersionOID: "MDV.1"}
}

func writeDefine(t *testing.T, o DefineOptions, sources ...memory) (string, error) {
	var surveys []*Survey
	for _, src := range sources {
		surveys = append(surveys, surveyed(t, src))
	}
	var b strings.Builder
	err := WriteDefine(&b, surveys, o)
	return b.String(), err
}

// problemsOf is the rules of an UnfitError, with counts.
func problemsOf(t *testing.T, err error) map[Rule]int64 {
	var unfit *UnfitError
	require.ErrorAs(t, err, &unfit)
	return rulesOf(unfit.Problems)
}

func sexes(items ...CodelistItem) *Codelist { return &Codelist{Name: "Sex", Items: items} }

// TestWhatDefineXMLCannotSay names the rule for what the schema, or the rule that identifiers are
// unique over all kinds of elements, refuses. Nothing is written then.
func TestWhatDefineXMLCannotSay(t *testing.T) {
	term := Variable{Name: "AETERM", Label: "Term", Type: Character}
	with := func(change func(*memory)) memory {
		m := column(term, Text("F"))
		change(&m)
		return m
	}
	female := CodelistItem{"F", "Female"}
	for name, c := range map[string]struct {
		src  memory
		o    func(*DefineOptions)
		want map[Rule]int64
	}{
		"origin":                {src: with(func(m *memory) { m.dataset.Variables[1].Origin = Origin{Type: "CRF", Source: "Investigator"} }), want: map[Rule]int64{RuleTerm: 1}},
		"source of an origin":   {src: with(func(m *memory) { m.dataset.Variables[1].Origin = Origin{Type: "Collected", Source: "Site"} }), want: map[Rule]int64{RuleTerm: 1}},
		"class":                 {src: with(func(m *memory) { m.dataset.Class = "Events" }), want: map[Rule]int64{RuleTerm: 1}},
		"subclass":              {src: with(func(m *memory) { m.dataset.Class, m.dataset.SubClass = "EVENTS", "AE" }), want: map[Rule]int64{RuleTerm: 1}},
		"purpose":               {src: with(func(m *memory) { m.dataset.Purpose = "Table" }), want: map[Rule]int64{RuleTerm: 1}},
		"standard":              {src: with(func(*memory) {}), o: func(o *DefineOptions) { o.Standards = []Standard{{"STD", "ADAM", "IG", "1.3", "Final", ""}} }, want: map[Rule]int64{RuleTerm: 1}},
		"type of a standard":    {src: with(func(*memory) {}), o: func(o *DefineOptions) { o.Standards = []Standard{{"STD", "ADaMIG", "", "1.3", "final", ""}} }, want: map[Rule]int64{RuleTerm: 2}},
		"version of a standard": {src: with(func(*memory) {}), o: func(o *DefineOptions) { o.Standards = []Standard{{"", "ADaMIG", "IG", "", "Final", ""}} }, want: map[Rule]int64{RuleStandard: 2}},
		"terminology": {src: with(func(*memory) {}), o: func(o *DefineOptions) {
			o.Standards = []Standard{{"STD", "CDISC/NCI", "CT", "2024-03-29", "Final", "Adam"}}
		}, want: map[Rule]int64{RuleTerm: 1}},
		"standard twice": {src: with(func(*memory) {}), o: func(o *DefineOptions) {
			o.Standards = []Standard{{"STD", "ADaMIG", "IG", "1.3", "Final", ""}, {"STD", "SDTMIG", "IG", "3.4", "Final", ""}}
		}, want: map[Rule]int64{RuleOID: 1}},
		"list without items": {src: with(func(m *memory) { m.dataset.Variables[1].Codelist, m.rows = sexes(), nil }), want: map[Rule]int64{RuleCodelist: 1}},
		"code twice":         {src: with(func(m *memory) { m.dataset.Variables[1].Codelist = sexes(female, female) }), want: map[Rule]int64{RuleCodelist: 1}},
		"code that is empty": {src: with(func(m *memory) { m.dataset.Variables[1].Codelist = sexes(female, CodelistItem{"", "None"}) }), want: map[Rule]int64{RuleCodelist: 1}},
		"list and variable": {src: with(func(m *memory) {
			m.dataset.Variables[1].Codelist = &Codelist{OID: "IT.AE.AETERM", Name: "Sex", Items: []CodelistItem{female}}
		}), want: map[Rule]int64{RuleOID: 1}},
		"dataset and list":   {src: with(func(m *memory) { m.dataset.OID, m.dataset.Variables[1].OID = "X", "X" }), want: map[Rule]int64{RuleOID: 1}},
		"study and dataset":  {src: with(func(m *memory) { m.dataset.OID = "MDV.1" }), want: map[Rule]int64{RuleOID: 1}},
		"name of a file":     {src: with(func(m *memory) { m.dataset.Name = "A E" }), want: map[Rule]int64{RuleDatasetName: 1}},
		"control in a study": {src: with(func(*memory) {}), o: func(o *DefineOptions) { o.StudyName, o.Comment, o.Originator = "a\x01", "\xff", "\ufffe" }, want: map[Rule]int64{RuleXMLCharacter: 3}},
		"control in a list": {src: with(func(m *memory) {
			m.dataset.Variables[1].Codelist = &Codelist{Name: "S\x01x", NCICode: "\x02", Items: []CodelistItem{{"F", "\x03"}}}
		}), want: map[Rule]int64{RuleXMLCharacter: 3}},
	} {
		o := defineOptions()
		if c.o != nil {
			c.o(&o)
		}
		document, err := writeDefine(t, o, c.src)
		require.Equal(t, c.want, problemsOf(t, err), name)
		require.Empty(t, document, name)
		// An export says so together with what the formats cannot hold, before it writes.
		if c.src.dataset.Name != "AE" {
			continue
		}
		long := column(Variable{Name: "A_LONG_NAME", Type: Character})
		long.dataset.Name = "LONG"
		options := exportOptions(XPT5)
		options.Define, options.JSON.StudyOID, options.JSON.MetaDataVersionOID = &o, "S", "MDV.1"
		_, err = Export(context.Background(), t.TempDir(), []Source{c.src, long}, options)
		c.want[RuleVariableName]++
		require.Equal(t, c.want, problemsOf(t, err), name)
	}
}

func TestOneListUnderTwoContentsIsAProblem(t *testing.T) {
	a, b := column(Variable{Name: "SEX", Type: Character, Codelist: sexes(CodelistItem{"F", "Female"})}), column(Variable{Name: "SEX", Type: Character, Codelist: sexes(CodelistItem{"F", "Woman"})})
	b.dataset.Name = "AF"
	_, err := writeDefine(t, defineOptions(), a, b)
	require.Equal(t, map[Rule]int64{RuleCodelist: 1}, problemsOf(t, err))
	_, err = writeDefine(t, defineOptions(), a, a)
	require.Equal(t, map[Rule]int64{RuleOID: 6}, problemsOf(t, err), "one dataset twice")
}

// TestOIDsOfADefineAreUnique gives datasets the names that identifiers of other elements could end in.
func TestOIDsOfADefineAreUnique(t *testing.T) {
	var sources []memory
	for _, name := range []string{"ALL", "MDV", "STUDY"} {
		m := column(Variable{Name: "A", Type: Character, Comment: "a comment", Method: "a method", Codelist: sexes(CodelistItem{"F", ""})}, Text("F"))
		m.dataset.Name, m.dataset.Comment = name, "a comment"
		sources = append(sources, m)
	}
	o := defineOptions()
	o.Comment = "about all"
	document, err := writeDefine(t, o, sources...)
	require.NoError(t, err)
	seen := map[string]string{}
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			for _, a := range start.Attr {
				if a.Name.Local == "OID" || a.Name.Local == "ID" {
					require.NotContains(t, seen, a.Value)
					seen[a.Value] = start.Name.Local
				}
			}
		}
	}
	require.Contains(t, seen, "COM")
}

// TestWhatASubmissionAsksFor is what validators of agencies report as missing.
func TestWhatASubmissionAsksFor(t *testing.T) {
	full := column(Variable{Name: "AETERM", Label: "Term", Type: Character, Origin: Origin{Type: "Collected", Source: "Investigator"}}, Text("x"))
	full.dataset.Class, full.dataset.Purpose, full.dataset.Structure, full.dataset.Standard = "EVENTS", "Tabulation", "One record per event", "STD.1"
	full.dataset.Variables[0].Label, full.dataset.Variables[0].Origin = "Record", Origin{Type: "Assigned", Source: "Sponsor"}
	o := defineOptions()
	o.Context, o.Standards = "Submission", []Standard{{"STD.1", "SDTMIG", "IG", "3.4", "Final", ""}}
	document, err := writeDefine(t, o, full)
	require.NoError(t, err)
	require.Contains(t, document, `def:Context="Submission"`)
	for name, change := range map[string]func(*memory, *DefineOptions){
		"label":             func(m *memory, _ *DefineOptions) { m.dataset.Label = "" },
		"class":             func(m *memory, _ *DefineOptions) { m.dataset.Class = "" },
		"purpose":           func(m *memory, _ *DefineOptions) { m.dataset.Purpose = "" },
		"structure":         func(m *memory, _ *DefineOptions) { m.dataset.Structure = "" },
		"keys":              func(m *memory, _ *DefineOptions) { m.dataset.Variables[0].Key = 0 },
		"label of variable": func(m *memory, _ *DefineOptions) { m.dataset.Variables[1].Label = "" },
		"origin":            func(m *memory, _ *DefineOptions) { m.dataset.Variables[1].Origin = Origin{} },
		"source":            func(m *memory, _ *DefineOptions) { m.dataset.Variables[1].Origin.Source = "" },
		"predecessor":       func(m *memory, _ *DefineOptions) { m.dataset.Variables[1].Origin = Origin{Type: "Predecessor"} },
		"derived": func(m *memory, _ *DefineOptions) {
			m.dataset.Variables[1].Origin = Origin{Type: "Derived", Source: "Sponsor"}
		},
		"name":      func(m *memory, _ *DefineOptions) { m.dataset.Variables[1].Name = "_AETERM" },
		"rows":      func(m *memory, _ *DefineOptions) { m.rows = nil },
		"standards": func(m *memory, o *DefineOptions) { m.dataset.Standard, o.Standards = "", nil },
	} {
		m, o := full, o
		m.dataset.Variables = append([]Variable(nil), full.dataset.Variables...)
		change(&m, &o)
		_, err := writeDefine(t, o, m)
		require.Equal(t, map[Rule]int64{RuleSubmission: 1}, problemsOf(t, err), name)
		o.Context, m.rows = "Other", full.rows
		_, err = writeDefine(t, o, m)
		require.NoError(t, err, name)
	}
}

func TestVariablesWithoutAValueSaySo(t *testing.T) {
	document, err := writeDefine(t, defineOptions(), column(Variable{Name: "AETERM", Type: Character}, Value{}))
	require.NoError(t, err)
	require.Contains(t, document, `def:HasNoData="Yes"`)
	require.Contains(t, document, `def:CommentOID="COM.AE.AETERM"`)
	require.Contains(t, document, `<TranslatedText xml:lang="en">No row has a value.</TranslatedText>`)
}

func TestTimesOfDefineXML(t *testing.T) {
	for value, want := range map[string]string{"13:14:17": "time", "13:14": "partialTime", "noon": "text"} {
		document, err := writeDefine(t, defineOptions(), column(Variable{Name: "AETM", Type: ISOTime}, Text("10:00:00"), Text(value)))
		require.NoError(t, err)
		require.Contains(t, document, `Name="AETM" DataType="`+want+`"`, value)
	}
}

func TestLengthsOfNumbersInDefineXML(t *testing.T) {
	for want, values := range map[string][]Value{
		`Length="1" SignificantDigits="0"`: {Float(7)}, `Length="3" SignificantDigits="0"`: {Float(7), Float(-12)}, `Length="6" SignificantDigits="3"`: {Float(70), Float(0.125)}, `Length="1" SignificantDigits="0" `: {{}}, ` Length="1" SignificantDigits="0"`: {Float(0)},
	} {
		document, err := writeDefine(t, defineOptions(), column(Variable{Name: "AVAL", Type: Double}, values...))
		require.NoError(t, err)
		require.Contains(t, document, `Name="AVAL" DataType="float" `+strings.TrimSpace(want), want)
	}
}
