package extraction_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// meaning is an answer and what each kind of field makes of it, as JSON: "" is a value that the kind cannot hold.
type meaning struct{ answer, text, number, integer, flag, date string }

// meanings is written by hand from the tables of docs/formats/canonical.md.
var meanings = []meaning{
	{answer: `""`}, {answer: `" "`}, {answer: `null`},
	{answer: `"Y"`, text: `"Y"`, flag: `true`}, {answer: `"no"`, text: `"no"`, flag: `false`}, {answer: `true`, text: `"true"`, flag: `true`},
	{answer: `0`, text: `"0"`, number: `0`, integer: `0`, flag: `false`}, {answer: `"maybe"`, text: `"maybe"`},
	{answer: `"2024"`, text: `"2024"`, number: `2024`, integer: `2024`, date: `"2024"`}, {answer: `"2024-03"`, text: `"2024-03"`, date: `"2024-03"`},
	{answer: `" 2024-03-05 "`, text: `" 2024-03-05 "`, date: `"2024-03-05"`}, {answer: `"2024-03-05T08:30"`, text: `"2024-03-05T08:30"`, date: `"2024-03-05T08:30"`},
	{answer: `"2024-02-30"`, text: `"2024-02-30"`}, {answer: `"UN-UNK-2024"`, text: `"UN-UNK-2024"`},
	{answer: `5`, text: `"5"`, number: `5`, integer: `5`}, {answer: `"5.50"`, text: `"5.50"`, number: `5.50`}, {answer: `" 7"`, text: `" 7"`, number: `7`, integer: `7`},
	{answer: `123456.75`, text: `"123456.75"`, number: `123456.75`}, {answer: `"<0.2"`, text: `"<0.2"`}, {answer: `9E350`, text: `"9E350"`},
	{answer: `"mild "`, text: `"mild "`}, {answer: `["MILD"]`, text: `"[\"MILD\"]"`}, {answer: `{"a":1}`, text: `"{\"a\":1}"`},
}

func (m meaning) missing() bool { return m.text == "" }

// as is what a field of a kind makes of the answer: a value, or null and the text beside it.
func (m meaning) as(kind string) (value, beside string) {
	value = map[string]string{"text": m.text, "number": m.number, "integer": m.integer, "flag": m.flag, "date": m.date, "any": m.answer}[kind]
	switch {
	case m.missing():
		return "null", ""
	case kind == "any" && m.answer == "9E350":
		return "null", m.text
	case value == "":
		return "null", m.text
	}
	return value, ""
}

// kindsOf are the kinds of the fields that random configurations map.
var kindsOf = map[string]string{
	"PD.dvTerm": "text", "PD.dvCategory": "text", "PD.dvSeverity": "text", "PD.dvDate": "date", "PD.dvStatus": "text",
	"ADAE.AETERM": "text", "ADAE.AEDECOD": "text", "ADAE.ASTDT": "date", "ADAE.XFL": "flag", "ADAE.XDY": "integer", "ADAE.X": "any",
	"ADLB.PARAMCD": "text", "ADLB.AVAL": "number", "ADLB.AVALC": "text", "ADLB.ADT": "date", "ADLB.ALT.AVAL": "number", "ADLB.AST.AVALC": "text", "ADLB.AST.AVAL": "number",
}

var formsOf = map[string][]string{
	"DV": {"PD.dvTerm", "PD.dvCategory", "PD.dvSeverity", "PD.dvDate", "PD.dvStatus"},
	"AE": {"ADAE.AETERM", "ADAE.AEDECOD", "ADAE.ASTDT", "ADAE.XFL", "ADAE.XDY", "ADAE.X"},
	"LB": {"ADLB.PARAMCD", "ADLB.AVAL", "ADLB.AVALC", "ADLB.ADT"},
	"LW": {"ADLB.ALT.AVAL", "ADLB.AST.AVALC", "ADLB.AST.AVAL", "ADLB.ADT"},
}

// madeUpExpressions and what they make of the answers to a variable and to V1.
var madeUpExpressions = map[string]func(value, v1 meaning) meaning{
	"":                             func(value, _ meaning) meaning { return value },
	"value":                        func(value, _ meaning) meaning { return value },
	"None":                         func(_, _ meaning) meaning { return meaning{answer: "null"} },
	`record.record_data.get("V1")`: func(_, v1 meaning) meaning { return v1 },
	`"mild "`:                      func(_, _ meaning) meaning { return meaning{answer: `"mild "`, text: `"mild "`} },
}

const fallbackAnswer = "F"

// accountedRule is a rule with its expression as the test reads it.
type accountedRule struct {
	target, variable, logic string
	fallback                bool
}

// expect is what the rule makes of the answers of a record, as JSON.
func (r accountedRule) expect(answers map[string]meaning, keep bool) (value, beside string) {
	source := answers[r.variable]
	if r.fails(answers) {
		return "null", ""
	}
	if source.missing() && r.fallback {
		source = meaning{answer: `"F"`, text: `"F"`}
	}
	if r.target == "ADAE.AEDECOD" && strings.EqualFold(strings.TrimSpace(strings.Trim(source.text, `"`)), "mild") {
		source = meaning{answer: `"Mild"`, text: `"Mild"`}
	}
	made := madeUpExpressions[r.logic](source, answers["V1"])
	if r.logic != "" && made.answer == "null" && keep {
		if value, beside = source.as(kindsOf[r.target]); beside == "" && r.fits(source) {
			return value, ""
		}
		return "null", ""
	}
	if r.logic != "" && made.missing() {
		return "null", ""
	}
	return made.as(kindsOf[r.target])
}

// fails reports whether the expression reads a number that no float holds, or gives an object or a list.
func (r accountedRule) fails(answers map[string]meaning) bool {
	bad := []string{`9E350`, `{"a":1}`, `["MILD"]`}
	return r.logic == "value" && slices.Contains(bad, answers[r.variable].answer) || strings.HasPrefix(r.logic, "record.") && slices.Contains(bad, answers["V1"].answer)
}

// fits reports whether a value is one of the target's terminology.
func (r accountedRule) fits(source meaning) bool {
	return r.target != "ADAE.AEDECOD" || source.answer == `"Mild"`
}

// accountedStudy is a random study with a random configuration.
type accountedStudy struct {
	rules    map[string][]accountedRule // by form
	keep     bool
	config   imednet.StudyConfiguration
	records  extraction.RecordList
	answers  map[int64]map[string]meaning
	left     map[int64]string // why a record is left out
	narrowed bool             // ADAE has a condition
}

func newAccountedStudy(t *testing.T, r *rand.Rand) accountedStudy {
	t.Helper()
	s := accountedStudy{rules: map[string][]accountedRule{}, keep: r.IntN(3) == 0, narrowed: r.IntN(3) == 0, answers: map[int64]map[string]meaning{}, left: map[int64]string{}}
	settings := map[string]any{}
	if s.keep {
		settings["nullResult"] = "keep"
	}
	if s.narrowed {
		settings["conditions"] = []any{map[string]string{"domain": "ADAE", "sourceFormKey": "AE", "expression": `record.record_data.get("V0") == "Y"`}}
	}
	document, err := json.Marshal(map[string]any{"extraction": settings})
	require.NoError(t, err)
	s.config = imednet.StudyConfiguration{StudyKey: "S", Unknown: document, TerminologyLookups: map[string]map[string]string{"AEDECOD": {"mild": "Mild"}}}
	logics := slices.Sorted(func(yield func(string) bool) {
		for logic := range madeUpExpressions {
			if !yield(logic) {
				return
			}
		}
	})
	for _, form := range []string{"AE", "DV", "LB", "LW"} {
		targets := slices.Clone(formsOf[form])
		r.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
		for _, target := range targets {
			rule := accountedRule{target: target, variable: "V" + strconv.Itoa(r.IntN(5)), fallback: r.IntN(4) == 0 && kindsOf[target] == "text"}
			if r.IntN(3) == 0 {
				rule.logic = logics[r.IntN(len(logics))]
			}
			s.rules[form] = append(s.rules[form], rule)
			domain, field, _ := strings.Cut(target, ".")
			m := imednet.MappingRule{Domain: domain, TargetField: field, SourceFormKey: form, SourceVariableName: rule.variable}
			if rule.fallback {
				m.FallbackValue = new(fallbackAnswer)
			}
			if rule.logic != "" {
				m.BusinessLogic = new(rule.logic)
			}
			s.config.Mappings = append(s.config.Mappings, m)
		}
	}
	for id := range int64(2 + r.IntN(10)) {
		s.addRecord(t, r, id+1)
	}
	return s
}

func (s *accountedStudy) addRecord(t *testing.T, r *rand.Rand, id int64) {
	t.Helper()
	form := []string{"AE", "DV", "LB", "LW", "OTHER"}[min(4, r.IntN(9)/2)]
	answers, text := map[string]meaning{}, []string{}
	for v := range 5 {
		name := "V" + strconv.Itoa(v)
		if r.IntN(8) == 0 { // not asked
			answers[name] = meaning{answer: "null"}
			continue
		}
		answers[name] = meanings[r.IntN(len(meanings))]
		if name == "V0" && s.narrowed && answers[name].answer == `9E350` { // the condition would fail
			answers[name] = meaning{answer: `"Y"`, text: `"Y"`, flag: `true`}
		}
		text = append(text, fmt.Sprintf("%q:%s", name, answers[name].answer))
	}
	subject := r.IntN(3) + 1
	members := []string{fmt.Sprintf(`"subjectId":%d`, subject), fmt.Sprintf(`"subjectKey":"K%d"`, subject)}
	switch r.IntN(12) {
	case 0:
		members, s.left[id] = []string{`"subjectKey":null`}, extraction.ExcludedNoSubject
	case 1:
		members, s.left[id] = append(members, `"deleted":true`), extraction.ExcludedDeleted
	}
	if s.rules[form] == nil && s.left[id] == "" {
		s.left[id] = extraction.ExcludedNoRule
	}
	s.answers[id] = answers
	s.records = append(s.records, rec(t, id, form, "{"+strings.Join(text, ",")+"}", members...))
}

// accountedRow is what a test knows of a row before it is made.
type accountedRow struct {
	values, beside map[string]string
	failed         bool // an expression failed
	unknown        bool // it failed to give the result
}

// expected are the rows that the study gives, by domain, record and parameter, and the candidates without a result.
func (s *accountedStudy) expected() (rows map[string]accountedRow, noResult, condition int64) {
	rows = map[string]accountedRow{}
	for _, record := range s.records {
		if s.left[record.RecordID] != "" {
			continue
		}
		form, answers := record.FormKey.Or(""), s.answers[record.RecordID]
		if form == "AE" && s.narrowed && answers["V0"].answer != `"Y"` {
			condition++
			continue
		}
		for _, parameter := range map[string][]string{"LW": {"ALT", "AST"}}[form] {
			row := s.row(form, answers, parameter)
			if !row.unknown && row.empty("AVAL") && row.empty("AVALC") {
				noResult++
				continue
			}
			row.values["PARAMCD"] = strconv.Quote(parameter)
			rows[fmt.Sprintf("ADLB %d %s", record.RecordID, parameter)] = row
		}
		if form != "LW" {
			domain, _, _ := strings.Cut(formsOf[form][0], ".")
			rows[fmt.Sprintf("%s %d ", domain, record.RecordID)] = s.row(form, answers, "")
		}
	}
	return rows, noResult, condition
}

func (r accountedRow) empty(field string) bool {
	return (r.values[field] == "" || r.values[field] == "null") && r.beside[field] == ""
}

func (s *accountedStudy) row(form string, answers map[string]meaning, parameter string) accountedRow {
	row := accountedRow{values: map[string]string{}, beside: map[string]string{}}
	for _, rule := range s.rules[form] {
		_, field, _ := strings.Cut(rule.target, ".")
		if of, name, wide := strings.Cut(field, "."); wide {
			if of != parameter {
				continue
			}
			field = name
		}
		value, beside := rule.expect(answers, s.keep)
		failed := rule.fails(answers)
		row.failed, row.unknown = row.failed || failed, row.unknown || failed && strings.HasPrefix(field, "AVAL")
		row.values[field] = value
		if beside != "" {
			row.beside[field] = beside
		}
	}
	if text := row.beside["AVAL"]; text != "" && !row.unknown && (row.values["AVALC"] == "" || row.values["AVALC"] == "null") {
		row.values["AVALC"] = text // a result that is no number is a text, wherever the rules stand
	}
	return row
}

// accountSeeds are the studies of a run: 300, 20,000 with IMEDNET_LONG=1, or the one that IMEDNET_SEED names.
func accountSeeds(t *testing.T) (first, last uint64) {
	t.Helper()
	switch text := os.Getenv("IMEDNET_SEED"); {
	case text != "":
		seed, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "IMEDNET_SEED")
		return seed, seed
	case os.Getenv("IMEDNET_LONG") == "1":
		return 1, 20_000
	case testing.Short():
		return 1, 60
	}
	return 1, 300
}

// TestEveryAnswerOfARandomStudyIsAccountedFor holds what comes out of random studies and configurations against
// what the documented rules make of each answer, worked out here: no other value, no other row, none missing, and what
// gives no row is rejected with its values or counted. A study that fails is replayed with IMEDNET_SEED.
func TestEveryAnswerOfARandomStudyIsAccountedFor(t *testing.T) {
	first, last := accountSeeds(t)
	for seed := first; seed <= last; seed++ {
		ok := t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			accountFor(t, newAccountedStudy(t, rand.New(rand.NewPCG(seed, 18))))
		})
		if !ok {
			t.Fatalf("replay it with IMEDNET_SEED=%d", seed)
		}
	}
}

func accountFor(t *testing.T, s accountedStudy) {
	t.Helper()
	result, err := extraction.ExtractCanonicalRecords(t.Context(), s.records, s.config, extraction.Options{})
	require.NoError(t, err)
	want, noResult, condition := s.expected()
	count := map[string]int64{}
	for _, reason := range s.left {
		count[reason]++
	}
	for _, reason := range []string{extraction.ExcludedNoSubject, extraction.ExcludedDeleted, extraction.ExcludedNoRule} {
		require.Equal(t, count[reason], result.Report.Records.Excluded[reason], reason)
	}
	require.Equal(t, noResult, result.Report.Domains[extraction.ADLB].Excluded[extraction.ExcludedNoResult])
	require.Equal(t, condition, result.Report.Domains[extraction.ADAE].Excluded[extraction.ExcludedCondition])
	for row := range result.Rows() {
		key := fmt.Sprintf("%s %d ", row.Domain, row.RecordID())
		if wide := slices.ContainsFunc(s.records, func(r imednet.Record) bool { return r.RecordID == row.RecordID() && r.FormKey.Or("") == "LW" }); wide {
			key += row.Text("PARAMCD")
		}
		require.Contains(t, want, key)
		accountForRow(t, key, want[key], row, false)
		require.False(t, mustBeRejected(row.Domain, want[key]), key)
		delete(want, key)
	}
	for _, rejected := range result.ValidationErrors {
		key := fmt.Sprintf("%s %d %s", rejected.Domain, rejected.RecordID, rejected.Parameter)
		require.Contains(t, want, key)
		accountForRow(t, key, want[key], rejected.Payload, true)
		require.True(t, mustBeRejected(rejected.Domain, want[key]), key)
		delete(want, key)
	}
	require.Empty(t, want, "rows that are missing")
}

// mustBeRejected: a row of which an expression failed is none; a deviation without one of its required values is no row; a date that cannot be read is none.
func mustBeRejected(domain extraction.Domain, row accountedRow) bool {
	if row.failed || domain != extraction.PD {
		return row.failed
	}
	required := []string{"dvTerm", "dvCategory", "dvSeverity", "dvDate"}
	return slices.ContainsFunc(required, func(field string) bool { return row.values[field] == "null" })
}

// accountForRow compares every value of a row, and its texts beside empty fields; a rejected row may have the text itself.
func accountForRow(t *testing.T, key string, want accountedRow, row extraction.CanonicalRow, rejected bool) {
	t.Helper()
	document, err := json.Marshal(row)
	require.NoError(t, err)
	var got map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(document, &got))
	var beside map[string]json.RawMessage
	if raw := got["asCollected"]; raw != nil {
		require.NoError(t, json.Unmarshal(raw, &beside))
	}
	for _, member := range []string{"subjectKey", "subjectId", "lineage", "asCollected"} {
		delete(got, member)
	}
	for field, value := range want.values {
		text := want.beside[field]
		has, side := plainJSON(t, got[field]), plainJSON(t, beside[field])
		if has == `""` || has == `" "` { // a field of any kind keeps a blank answer
			has = "null"
		}
		if rejected && text != "" && side == "" { // what a required field cannot hold stands in it, as it is
			require.Contains(t, []string{text, asText(t, text)}, has, "%s %s in %s", key, field, document)
			value, text = has, ""
		}
		if field == "AVALC" && want.unknown && has == want.beside["AVAL"] { // its own rule failed, and the row is rejected
			value = has
		}
		require.Equal(t, value, has, "%s %s in %s", key, field, document)
		require.Equal(t, text, side, "%s %s beside, in %s", key, field, document)
		delete(got, field)
		delete(beside, field)
	}
	require.Empty(t, got, "%s has fields that no rule gives", key)
	require.Empty(t, beside, "%s has texts that no rule gives", key)
}

// asText is what a JSON string says: of a list or a number its own JSON.
func asText(t *testing.T, quoted string) (text string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(quoted), &text))
	return text
}

// plainJSON is JSON without the escapes that Go adds for HTML.
func plainJSON(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}
