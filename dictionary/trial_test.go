package dictionary_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// testStudy is a small study, its dictionary, and a subject and a site of it.
func testStudy(t *testing.T) (*imednettest.Study, *dictionary.Dictionary, dictionary.TrialOptions) {
	t.Helper()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	study.SetTime(today)
	d, err := dictionary.ReadFiles(study.DesignExport(), dictionary.ReadOptions{StudyKey: study.Key()})
	require.NoError(t, err)
	return study, d, dictionary.TrialOptions{StudyKey: study.Key(), SiteName: "Site 01"}
}

func try(t *testing.T, study *imednettest.Study, d *dictionary.Dictionary, opts dictionary.TrialOptions) *dictionary.Trial {
	t.Helper()
	study.SetJobPlan(imednettest.JobPlan{States: nil})
	opts.Poll = imednet.PollOptions{Interval: 1, MaxInterval: 1}
	trial, err := checkerOf(t, d).Try(t.Context(), imednettest.NewServer(study).Client(), opts)
	require.NoError(t, err)
	return trial
}

func TestATrialOfTheStudyAsSpecifiedPasses(t *testing.T) {
	study, d, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, d))
	trial := try(t, study, d, opts)
	require.Empty(t, trial.Failed())
	require.True(t, trial.Passed())
	require.Equal(t, today, trial.Time)
	tried := map[string]map[bool]bool{}
	effects := map[string]bool{}
	for _, r := range trial.Results {
		if tried[r.RuleID] == nil {
			tried[r.RuleID] = map[bool]bool{}
		}
		require.NotEmpty(t, r.Effects)
		for _, e := range r.Effects {
			tried[r.RuleID][e.Expected] = true
			for _, kind := range []string{"refusal", "query on", "keyword", "clearing"} {
				if e.Expected && strings.Contains(e.Effect, kind) {
					effects[kind] = true
				}
			}
		}
	}
	require.Len(t, effects, 4, "every kind of effect is expected somewhere")
	for id, seen := range tried {
		require.Len(t, seen, 2, "rule %s has records on which it acts and on which it does not", id)
	}
	require.Equal(t, len(d.Rules), len(tried)+len(trial.Untried))
	for _, u := range trial.Untried {
		require.Equal(t, "records of a site cannot be sent", u.Why, u.RuleID)
	}
}

// mutants are other builds of a rule: its logic, or its status, with one thing changed.
func mutants(r *dictionary.Rule) map[string]string {
	all := map[string]string{}
	swap := func(name, from, to string) {
		if changed := strings.NewReplacer("<"+from+">", "<"+to+">", "</"+from+">", "</"+to+">").Replace(r.XML); changed != r.XML {
			all[name] = changed
		}
	}
	for _, pair := range [][2]string{{"gt", "gte"}, {"gte", "gt"}, {"lt", "lte"}, {"lte", "lt"}, {"add", "sub"}, {"sub", "add"}, {"mul", "add"}, {"div", "mul"}, {"and", "or"}, {"or", "and"}, {"like", "equals"}} {
		swap(pair[0]+" for "+pair[1], pair[0], pair[1])
	}
	begin, end := strings.Index(r.XML, "<Conditions>")+len("<Conditions>"), strings.Index(r.XML, "</Conditions>")
	conditions := r.XML[begin:end]
	all["negated"] = r.XML[:begin] + "<not>" + conditions + "</not>" + r.XML[end:]
	all["always"] = r.XML[:begin] + "<true/>" + r.XML[end:]
	all["no conditions"] = r.XML[:begin] + r.XML[end:]
	for old, value := range map[string]string{"<hard_edit/>": "", "<open_query>": "<email_notification>", "<set_keyword><keyword>": "<set_keyword><keyword>other_", "<disable_and_clear_field>": "<disable_field>"} {
		changed := strings.ReplaceAll(r.XML, old, value)
		changed = strings.ReplaceAll(changed, strings.Replace(old, "<", "</", 1), strings.Replace(value, "<", "</", 1))
		if changed != r.XML {
			all["without "+old] = changed
		}
	}
	for rest := conditions; ; {
		_, after, found := strings.Cut(rest, "<value>")
		text, behind, _ := strings.Cut(after, "</value>")
		if !found {
			return all
		}
		rest = behind
		if _, number := imednet.ParseNumber(text); number {
			n, _ := imednet.ParseNumber(text)
			one, _ := imednet.ParseNumber("1")
			more, _ := n.Minus(one)
			all["value "+text] = strings.Replace(r.XML, "<value>"+text+"<", "<value>"+more.Canonical()+"<", 1)
			continue
		}
		all["value "+text] = strings.Replace(r.XML, "<value>"+text+"<", "<value>other<", 1)
	}
}

// withLogic builds the dictionary anew with other logic for one rule.
func withLogic(t *testing.T, d *dictionary.Dictionary, r *dictionary.Rule, logic string) *dictionary.Dictionary {
	t.Helper()
	tables := map[string]*dictionary.Table{}
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		tables[file] = d.Table(file)
	}
	rules := *d.Table(dictionary.RulesFile)
	rules.Rows = slices.Clone(rules.Rows)
	for i := range rules.Rows {
		rules.Rows[i].Cells = slices.Clone(rules.Rows[i].Cells)
	}
	rules.SetCell(r.Row-1, slices.Index(rules.Header, "Logic"), logic)
	tables[dictionary.RulesFile] = &rules
	other, err := dictionary.ReadTables(tables, dictionary.ReadOptions{StudyKey: d.StudyKey})
	require.NoError(t, err)
	return other
}

// alike reports whether two builds of a rule do the same on hundreds of random records.
func alike(t *testing.T, a, b *dictionary.Dictionary, r *dictionary.Rule) bool {
	t.Helper()
	form, _ := a.Form(r.Form)
	other, _ := b.Form(r.Form)
	one, two := checkerOf(t, a), checkerOf(t, b)
	random := rand.New(rand.NewPCG(1, 24))
	values := []string{"null", `"text"`, `"123"`, `"[0-9]{3}"`, "true", "false", `"2026-03-01"`, `"2026-03-02"`, `"2026-02-01"`, "-901", "-900", "0", "1", "5.5", "5.6", "9", "10", "77.5", "78", "200", "201", "999", "1500", "900001"}
	for range 500 {
		answers := []string{}
		for _, q := range form.Questions {
			value := values[random.IntN(len(values))]
			if texts := q.Texts(); len(texts) > 0 {
				value = strconv.Quote(texts[random.IntN(len(texts))])
			}
			if random.IntN(4) > 0 {
				answers = append(answers, strconv.Quote(q.Name)+":"+value)
			}
		}
		data, err := imednet.NewRecordData([]byte("{" + strings.Join(answers, ",") + "}"))
		require.NoError(t, err)
		record := &imednet.Record{RecordData: data}
		if !reflect.DeepEqual(one.Effects(form, record), two.Effects(other, record)) {
			return false
		}
	}
	return true
}

// TestAMutatedRuleIsFoundInATestStudy builds the rules of a study otherwise than its dictionary says,
// one change at a time, and tries the dictionary on it. Changes that make no difference on any of
// hundreds of random records are left out, such as those of a condition of one part.
func TestAMutatedRuleIsFoundInATestStudy(t *testing.T) {
	study, d, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, d))
	findMutants(t, study, d, opts)
}

// findMutants tries a dictionary on other builds of each of its rules: all of them, or one of each kind.
func findMutants(t *testing.T, study *imednettest.Study, d *dictionary.Dictionary, opts dictionary.TrialOptions) {
	t.Helper()
	tried := map[string]bool{}
	for _, r := range try(t, study, d, opts).Results {
		tried[r.RuleID] = true
	}
	all, same, kinds := 0, 0, map[string]int{}
	for _, r := range d.Rules {
		if !tried[r.ID] {
			continue
		}
		for name, logic := range mutants(r) {
			kind, _, _ := strings.Cut(name, " value")
			if kinds[kind]++; kinds[kind] > 1 && os.Getenv("IMEDNET_LONG") == "" {
				continue
			}
			built := withLogic(t, d, r, logic)
			if alike(t, d, built, r) {
				same++
				continue
			}
			study.EnforceChecks(checkerOf(t, built))
			opts.Rules = []string{r.ID}
			require.False(t, try(t, study, d, opts).Passed(), "rule %s (%s): %s\n%s", r.ID, r.Name, name, logic)
			all++
		}
	}
	t.Logf("%d mutants are found, %d others are no mutants", all, same)
	require.Greater(t, all, 20)
}

// TestPilotRulesAreTriedInATestStudy tries the rules of a real design on a server that runs them.
func TestPilotRulesAreTriedInATestStudy(t *testing.T) {
	d := read(t, filepath.Join(samples(t), "pilot"), "CDISCPILOT01")
	study, err := imednettest.LoadDir(os.Getenv("IMEDNET_PILOT"))
	require.NoError(t, err)
	study.EnforceChecks(checkerOf(t, d))
	opts := dictionary.TrialOptions{StudyKey: study.Key(), SiteName: "701"}
	long := os.Getenv("IMEDNET_LONG") != ""
	if !long {
		for i, r := range d.Rules {
			if i%60 == 7 {
				opts.Rules = append(opts.Rules, r.ID)
			}
		}
	}
	trial := try(t, study, d, opts)
	require.Empty(t, trial.Failed())
	require.NotEmpty(t, trial.Results)
	for _, u := range trial.Untried {
		t.Log(u)
	}
	if !long {
		return
	}
	for i, r := range d.Rules {
		if _, generated := r.Generated(); !generated || i%20 == 7 {
			opts.Rules = append(opts.Rules, r.ID)
		}
	}
	findMutants(t, study, d, opts)
}

// TestATrialTellsBuildsApartThatDifferLittle builds one rule of a study a little otherwise than its dictionary says: the
// records that are sent show it.
func TestATrialTellsBuildsApartThatDifferLittle(t *testing.T) {
	study, d, opts := testStudy(t)
	const (
		temperature = "<question>TEMP</question>"
		pressure    = "<question>SYSBP</question>"
		term        = "<question>AETERM</question>"
		start       = "<question>AESTDTC</question>"
		end         = "<question>AEENDTC</question>"
	)
	for _, c := range []struct{ form, meant, from, to string }{
		{"VS", "<gt>" + temperature + "<value>38</value></gt>", "38", "38.5"},
		{"VS", "<gt>" + temperature + "<value>38</value></gt>", "38", "37.5"},
		{"VS", "<gt><floor>" + temperature + "</floor><value>38</value></gt>", "<floor>" + temperature + "</floor>", temperature},
		{"VS", "<gt><div>" + pressure + "<mul>" + temperature + temperature + "</mul></div><value>25</value></gt>", "<mul>" + temperature + temperature + "</mul>", temperature},
		{"AE", "<like>" + term + "<value>[0-9]{3}</value></like>", "{3}", "{2}"},
		{"AE", "<like>" + term + "<value>^[A-Z]{3,4}$</value></like>", "{3,4}", "{3,}"},
		{"AE", "<like>" + term + "<value>^[A-Z]{3,4}$</value></like>", "A-Z", "A-Y"},
		{"AE", "<like>" + term + "<value>(?i)^abc</value></like>", "(?i)", ""},
		{"AE", "<gt><trunc_date>" + end + "</trunc_date><trunc_date>" + start + "</trunc_date></gt>", "<gt><trunc_date>" + end + "</trunc_date><trunc_date>" + start + "</trunc_date></gt>", "<gt>" + end + start + "</gt>"},
		{"AE", "<lt>" + start + "<utctime/></lt>", "utctime", "current_date_only"},
	} {
		rule := d.Rules[slices.IndexFunc(d.Rules, func(r *dictionary.Rule) bool { return r.Form == c.form && r.Active() })]
		build := func(condition string) *dictionary.Dictionary {
			return withLogic(t, d, rule, "<BusinessLogic><Conditions>"+condition+"</Conditions><Actions><set_keyword><keyword>little</keyword><target><record/></target></set_keyword></Actions></BusinessLogic>")
		}
		meant, other := build(c.meant), strings.ReplaceAll(c.meant, c.from, c.to)
		require.NotEqual(t, c.meant, other)
		opts.Rules = []string{rule.ID}
		study.EnforceChecks(checkerOf(t, meant))
		trial := try(t, study, meant, opts)
		require.True(t, trial.Passed(), c.meant)
		require.NotEmpty(t, trial.Results, "%s: %v", c.meant, trial.Untried)
		study.EnforceChecks(checkerOf(t, build(other)))
		require.Equal(t, []string{rule.ID}, try(t, study, meant, opts).Failed(), "%s: %s", c.meant, other)
	}
}
