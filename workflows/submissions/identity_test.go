package submissions_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// spelling is a record in other words.
type spelling struct {
	change func(d *desk, s *imednet.Submission)
	same   bool
}

func data(values map[string]any) func(*desk, *imednet.Submission) {
	return func(_ *desk, s *imednet.Submission) {
		s.Data = maps.Clone(s.Data)
		maps.Copy(s.Data, values)
	}
}

var spellings = map[string]spelling{
	"a number with a decimal":        {data(map[string]any{"SYSBP": jsontext.Value("130.0")}), true},
	"a number with an exponent":      {data(map[string]any{"SYSBP": jsontext.Value("1.3e2")}), true},
	"a number of Go":                 {data(map[string]any{"SYSBP": 130.0}), true},
	"another number":                 {data(map[string]any{"SYSBP": jsontext.Value("130.1")}), false},
	"no number":                      {data(map[string]any{"SYSBP": nil}), false},
	"the form by id":                 {func(d *desk, s *imednet.Submission) { s.FormID, s.FormKey = d.formID(s.FormKey), "" }, true},
	"the form by both":               {func(d *desk, s *imednet.Submission) { s.FormID = d.formID(s.FormKey) }, true},
	"the subject by id":              {func(d *desk, s *imednet.Submission) { s.SubjectID, s.SubjectKey = d.subjectID(s.SubjectKey), "" }, true},
	"the subject with blanks around": {func(_ *desk, s *imednet.Submission) { s.SubjectKey = " " + s.SubjectKey + "\t" }, true},
	"another subject":                {func(d *desk, s *imednet.Submission) { s.SubjectKey = d.otherSubject() }, false},
	"another subject by id":          {func(d *desk, s *imednet.Submission) { s.SubjectID, s.SubjectKey = d.subjectID(d.otherSubject()), "" }, false},
	"the interval by id":             {func(d *desk, s *imednet.Submission) { s.IntervalID, s.IntervalName = d.intervalID(s.IntervalName), "" }, true},
	"another interval by id": {func(d *desk, s *imednet.Submission) {
		s.IntervalID, s.IntervalName = d.intervalID(s.IntervalName)+1, ""
	}, false},
	"everything by id": {func(d *desk, s *imednet.Submission) {
		s.FormID, s.SubjectID, s.IntervalID = d.formID(s.FormKey), d.subjectID(s.SubjectKey), d.intervalID(s.IntervalName)
		s.FormKey, s.SubjectKey, s.IntervalName = "", "", ""
	}, true},
}

// vital is an update of a visit's vital signs.
func (d *desk) vital() imednet.Submission {
	return imednet.Submission{Kind: imednet.ScheduledRecord, FormKey: "VS", SubjectKey: d.subject, IntervalName: "Registration", Data: map[string]any{"SYSBP": 130}}
}

// TestOneContentInOtherWords: what means the same is refused as submitted before, in whichever order the two come,
// and what does not is sent.
func TestOneContentInOtherWords(t *testing.T) {
	for name, s := range spellings {
		for _, reversed := range []bool{false, true} {
			d := newDesk(t)
			first, second := d.vital(), d.vital()
			s.change(d, &second)
			if reversed {
				first, second = second, first
			}
			_, err := d.submit([]imednet.Submission{first}, submissions.Options{})
			require.NoError(t, err, name)
			_, err = d.submit([]imednet.Submission{second}, submissions.Options{})
			if s.same {
				require.ErrorIs(t, err, submissions.ErrRepeated, name)
			} else {
				require.NoError(t, err, name)
			}
		}
	}
}

// TestWhatStandsInTheWayIsToldAtOnce: a refused record of the same file is waited for only before it is sent again.
func TestWhatStandsInTheWayIsToldAtOnce(t *testing.T) {
	d := newDesk(t)
	file := []imednet.Submission{d.event("Headache"), d.event("Nausea")}
	file[1].SubjectKey = "99-999"
	_, err := d.submit(file, wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	before := d.clock.Now()
	_, err = d.submit(file, wait)
	require.ErrorIs(t, err, submissions.ErrRepeated)
	require.Equal(t, before, d.clock.Now(), "nothing is waited for")
	_, err = d.submit(file[1:], wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.GreaterOrEqual(t, d.clock.Now().Sub(before), submissions.DefaultSettleDelay, "what was refused is looked for before it is sent again")
}

// TestOneNewRecordInOtherWords: texts, dates, flags and answers that are missing.
func TestOneNewRecordInOtherWords(t *testing.T) {
	first := map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02-03"}
	for name, c := range map[string]struct {
		data map[string]any
		same bool
	}{
		"blanks around a text":        {map[string]any{"AETERM": " Wibble\n", "AESTDTC": "2014-02-03"}, true},
		"another text":                {map[string]any{"AETERM": "wibble", "AESTDTC": "2014-02-03"}, false},
		"a date without dashes":       {map[string]any{"AETERM": "Wibble", "AESTDTC": "20140203"}, true},
		"a date of less precision":    {map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02"}, false},
		"an answer that is null":      {map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02-03", "AESEV": nil}, true},
		"an answer that is blank":     {map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02-03", "AESEV": " "}, true},
		"a character without width":   {map[string]any{"AETERM": "Wibble\u200b", "AESTDTC": "2014-02-03"}, false},
		"an answer without width":     {map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02-03", "AESEV": "\ufeff"}, false},
		"an answer more":              {map[string]any{"AETERM": "Wibble", "AESTDTC": "2014-02-03", "AESEV": "Mild"}, false},
		"an answer less":              {map[string]any{"AETERM": "Wibble"}, false},
		"the values of two exchanged": {map[string]any{"AETERM": "2014-02-03"}, false},
	} {
		d := newDesk(t)
		event := d.event("")
		event.Data = first
		_, err := d.submit([]imednet.Submission{event}, submissions.Options{})
		require.NoError(t, err, name)
		event.Data = c.data
		_, err = d.submit([]imednet.Submission{event}, submissions.Options{})
		if c.same {
			require.ErrorIs(t, err, submissions.ErrRepeated, name)
		} else {
			require.NoError(t, err, name)
		}
	}
}

// TestAnAnswerThatIsClearedIsAnotherUpdate: null clears an answer of a record that is there, and its absence leaves it.
func TestAnAnswerThatIsClearedIsAnotherUpdate(t *testing.T) {
	d := newDesk(t)
	one, other := d.vital(), d.vital()
	other.Data = map[string]any{"SYSBP": 130, "DIABP": nil}
	_, err := d.submit([]imednet.Submission{one}, submissions.Options{})
	require.NoError(t, err)
	_, err = d.submit([]imednet.Submission{other}, submissions.Options{})
	require.NoError(t, err)
}

// TestEqualRegistrationsInOtherWords are an error of one call, as equal ones are.
func TestEqualRegistrationsInOtherWords(t *testing.T) {
	d := newDesk(t)
	var site imednet.Site
	for s, err := range d.client.Sites(t.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		site = s
		break
	}
	register, err := submissions.NewRegisterSubjects(d.client)
	require.NoError(t, err)
	one := imednet.Submission{FormKey: "DM", SiteName: site.SiteName.Or(""), Data: map[string]any{"AGE": 41}}
	for _, other := range []imednet.Submission{
		{FormKey: "DM", SiteID: site.SiteID, Data: map[string]any{"AGE": 41}},
		{FormKey: "DM", SiteName: site.SiteName.Or(""), Data: map[string]any{"AGE": jsontext.Value("41.0")}},
		{FormID: d.formID("DM"), SiteName: site.SiteName.Or(""), Data: map[string]any{"AGE": 41, "SEX": nil}},
	} {
		_, err = register.DryRun(t.Context(), d.study.Key(), []imednet.Submission{one, other}, submissions.Options{})
		require.ErrorContains(t, err, "the same registration as item 1")
	}
	_, err = register.DryRun(t.Context(), d.study.Key(), []imednet.Submission{one, {FormKey: "DM", SiteID: site.SiteID, Data: map[string]any{"AGE": 42}}}, submissions.Options{})
	require.NoError(t, err)
}

// withoutSubjects is a client that cannot list subjects.
type withoutSubjects struct {
	submissions.Client
	imednet.RecordSource
	imednet.RevisionReader
	imednet.RecordProber
	imednet.IntervalReader
}

// TestARecordIsNotFoundForAnItemInOtherWords: two equal events, spelled differently, were sent without an answer; the
// first was closed as one that somebody has seen to, and one of them reached the server. It is not known whose the
// record is, also where the client could not find out that the two are the same.
func TestARecordIsNotFoundForAnItemInOtherWords(t *testing.T) {
	for _, able := range []bool{true, false} {
		for arrived := range 2 {
			for byID := range 2 {
				d := newDesk(t)
				process := func() *submissions.RecordUpdate {
					client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, d.server)), rest.WithClock(d.clock))
					require.NoError(t, err)
					if able {
						return d.process(client)
					}
					return d.process(withoutSubjects{client, client, client, client, client})
				}
				events := d.events("Wibble", "Wibble")
				events[byID].SubjectKey, events[byID].SubjectID = "", d.subjectID(d.subject)
				for n := range events {
					d.server.Inject(imednettest.Fault{Method: "POST", Reset: true, AfterApply: n == arrived})
					receipt, err := process().CreateOrUpdateRecords(t.Context(), d.study.Key(), events[n:n+1], submissions.Options{AllowRepeat: true})
					require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
					if n == 0 {
						_, err = d.update.Discard(t.Context(), d.study.Key(), receipt.SubmissionID, nil, "seen to")
						require.NoError(t, err)
					}
				}
				d.study.FinishJobs()
				_, err := d.resume(submissions.ResumeOptions{})
				require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
				require.Equal(t, states{submissions.Unknown, submissions.Unknown}, d.states(), "%v, %d arrived, %d by id", able, arrived, byID)
				require.Equal(t, 1, d.standing("Wibble"))
			}
		}
	}
}

// TestContentsOfEarlierVersions: a journal whose items have the hash of their bytes protects against the same
// bytes, and what is found belongs to one of the two.
func TestContentsOfEarlierVersions(t *testing.T) {
	d := newDesk(t)
	event := d.event("Wibble")
	text, err := imednet.EncodeSubmissions([]imednet.Submission{event})
	require.NoError(t, err)
	payload := text[1 : len(text)-1]
	sum := sha256.Sum256(append([]byte("new record\x00"), payload...))
	old := submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", ContentHash: hex.EncodeToString(sum[:]), Ordinal: 1, Payload: payload}
	_, err = d.journal.Prepare(t.Context(), submissions.Preparation{ID: "old", StudyKey: d.study.Key(), Author: "anna", Items: []submissions.Item{old}})
	require.NoError(t, err)
	_, err = d.submit([]imednet.Submission{event}, submissions.Options{AllowRepeat: true})
	require.ErrorIs(t, err, submissions.ErrInDoubt)
	resumed, err := d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, submissions.Absent, resumed[0].Items[0].State)
	_, err = d.submit([]imednet.Submission{event}, wait)
	require.NoError(t, err)
	require.Equal(t, states{submissions.Absent, submissions.Standing}, d.states(), "the new one took the place of the old one")
	require.Equal(t, 1, d.standing("Wibble"))
}

func (d *desk) formID(key string) int64 {
	for f, err := range d.client.Forms(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if f.FormKey.Or("") == key {
			return f.FormID
		}
	}
	return 0
}

func (d *desk) subjectID(key string) int64 {
	for s, err := range d.client.Subjects(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if s.SubjectKey.Or("") == key {
			return s.SubjectID
		}
	}
	return 0
}

func (d *desk) intervalID(name string) int64 {
	for i, err := range d.client.Intervals(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if i.IntervalName.Or("") == name {
			return i.IntervalID
		}
	}
	return 0
}
