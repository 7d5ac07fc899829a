package dictionary_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// flaky is a test study whose answers are lost from the n-th call on.
type flaky struct {
	*imednettest.Client
	left int
}

var errLost = errors.New("connection cut")

func (f *flaky) loses() bool {
	f.left--
	return f.left < 0
}

func (f *flaky) SubmitRecords(ctx context.Context, study string, records []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	if f.left < 0 {
		return imednet.Job{}, &imednet.TransportError{Err: errLost}
	}
	job, err := f.Client.SubmitRecords(ctx, study, records, opts)
	if f.loses() {
		return imednet.Job{}, &imednet.TransportError{Err: errLost, Sent: true}
	}
	return job, err
}

func (f *flaky) Job(ctx context.Context, study, batch string) (imednet.Job, error) {
	if f.loses() {
		return imednet.Job{}, &imednet.APIError{StatusCode: 500}
	}
	return f.Client.Job(ctx, study, batch)
}

func (f *flaky) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	if f.loses() {
		return failing[imednet.Record]
	}
	return f.Client.Records(ctx, study, opts)
}

func (f *flaky) Queries(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	if f.loses() {
		return failing[imednet.Query]
	}
	return f.Client.Queries(ctx, study, opts)
}

func failing[T any](yield func(T, error) bool) {
	var none T
	yield(none, errLost)
}

// told is what a trial says of its records, without their ids.
func told(trial *dictionary.Trial) (all []string) {
	for _, r := range trial.Results {
		all = append(all, fmt.Sprint(r.RuleID, " ", r.Form, " ", string(r.Data.Raw()), " ", r.Effects, " ", r.Passed))
	}
	return all
}

// A trial that ends early, whatever it was doing, says what was not tried; called again it goes on, and in the end the study has
// each record once and the report is that of a trial that was not disturbed.
func TestATrialThatEndedEarlyGoesOn(t *testing.T) {
	for _, registration := range []string{"", "DM"} {
		for _, every := range []int{1, 4, 9} {
			study, d, opts := testStudy(t)
			opts.Registration, opts.Most, opts.SettleDelay = registration, 1, 1
			opts.Rules = []string{"50001", "50002", "50011"}
			opts.Poll = imednet.PollOptions{Interval: 1, MaxInterval: 1, Tolerance: -1}
			study.EnforceChecks(checkerOf(t, d))
			study.SetJobPlan(imednettest.JobPlan{EndAfter: 2})
			whole, err := checkerOf(t, d).Try(t.Context(), &flaky{Client: imednettest.NewServer(study).Client(), left: 1 << 30}, opts)
			require.NoError(t, err)

			stored := study.StoredItems()
			study, d, _ = testStudy(t)
			study.EnforceChecks(checkerOf(t, d))
			study.SetJobPlan(imednettest.JobPlan{EndAfter: 2})
			client := imednettest.NewServer(study).Client()
			path := filepath.Join(t.TempDir(), "progress.jsonl")
			known := map[int64]bool{}
			for tries := 0; ; tries++ {
				require.Less(t, tries, 500)
				opts.Progress, err = dictionary.OpenTrialProgress(path)
				require.NoError(t, err)
				f := &flaky{Client: client, left: every + tries%7 + 2}
				opts.Resend = true
				trial, err := checkerOf(t, d).Try(t.Context(), f, opts)
				require.NoError(t, opts.Progress.Close())
				if err == nil {
					require.Equal(t, stored, study.StoredItems())
					require.ElementsMatch(t, told(whole), told(trial))
					require.Equal(t, whole.Untried, trial.Untried)
					require.Equal(t, whole.Untold, trial.Untold)
					for _, r := range trial.Results {
						require.False(t, r.RecordID != 0 && known[r.RecordID])
						known[r.RecordID] = true
					}
					break
				}
				if trial != nil {
					require.Greater(t, len(trial.Untried), len(whole.Untried))
					require.False(t, trial.Complete())
				}
			}
		}
	}
}

// What is on its way when the caller gives up is waited for, and kept.
func TestATrialThatIsInterruptedKeepsWhatIsOnItsWay(t *testing.T) {
	study, d, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, d))
	var err error
	path := filepath.Join(t.TempDir(), "progress.jsonl")
	opts.Progress, err = dictionary.OpenTrialProgress(path)
	require.NoError(t, err)
	_, err = dictionary.OpenTrialProgress(path)
	require.ErrorIs(t, err, dictionary.ErrTrialRunning)
	ctx, cancel := context.WithCancel(t.Context())
	opts.Poll = imednet.PollOptions{Interval: 1, MaxInterval: 1}
	n := 0
	opts.OnResult = func(dictionary.TrialResult) {
		if n++; n == 3 {
			cancel()
		}
	}
	trial, err := checkerOf(t, d).Try(ctx, imednettest.NewServer(study).Client(), opts)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, trial.Results, 3)
	require.NoError(t, opts.Progress.Close())
	require.NoFileExists(t, path+".lock")

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text string
		bad  bool
	}{
		"torn":    {string(text) + `{"sent":{"key":"x","st`, false},
		"damaged": {strings.Replace(string(text), `"state"`, `"stat"`, 1), true},
		"cut":     {string(text[strings.IndexByte(string(text), '\n')+1:]), true},
		"no file": {"a,b\n", true},
		"a note":  {"a note", true},
	} {
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
		p, err := dictionary.OpenTrialProgress(path)
		if c.bad {
			require.ErrorIs(t, err, dictionary.ErrNotRead, name)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, c.text, string(after), name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, 4, p.Sent(), "%s: one on which no rule acts, and three", name)
		require.NoError(t, p.Close())
	}

	require.NoError(t, os.WriteFile(path, text, 0o600))
	opts.Progress, err = dictionary.OpenTrialProgress(path)
	require.NoError(t, err)
	defer opts.Progress.Close()
	opts.Most = 7
	_, err = checkerOf(t, d).Try(t.Context(), imednettest.NewServer(study).Client(), opts)
	require.ErrorIs(t, err, dictionary.ErrOtherTrial)
}

// A record whose POST never arrived, and one of which only the answer was lost, are told apart by their answers, also where a rule
// clears some.
func TestATrialTellsApartWhatWasLost(t *testing.T) {
	study, _, opts := testStudy(t)
	d := editedDesign(t, study, func(files map[string]string) {
		header, _, _ := strings.Cut(files[dictionary.RulesFile], "\n")
		files[dictionary.RulesFile] = header + "\n" + designedRule("1", "VS", "<blank><question>PULSE</question></blank>", sets) +
			designedRule("2", "VS", "<true/>", "<disable_and_clear_field><question>DIABP</question></disable_and_clear_field>")
	})
	study.EnforceChecks(checkerOf(t, d))
	study.SetJobPlan(imednettest.JobPlan{EndAfter: 1})
	opts.Poll, opts.SettleDelay, opts.Most, opts.Rules, opts.Resend = imednet.PollOptions{Interval: 1, MaxInterval: 1}, 1, 1, []string{"1"}, true
	whole, err := checkerOf(t, d).Try(t.Context(), imednettest.NewServer(study).Client(), opts)
	require.NoError(t, err)
	require.Len(t, whole.Results, 2)
	stored := study.StoredItems()

	study.EnforceChecks(checkerOf(t, d))
	path := filepath.Join(t.TempDir(), "progress.jsonl")
	client := &fateful{Client: imednettest.NewServer(study).Client(), fates: []string{"", "drop", "lose"}}
	for _, resend := range []bool{true, false, true} {
		opts.Resend = resend
		opts.Progress, err = dictionary.OpenTrialProgress(path)
		require.NoError(t, err)
		trial, err := checkerOf(t, d).Try(t.Context(), client, opts)
		require.NoError(t, opts.Progress.Close())
		if len(client.fates) > 0 || err != nil {
			require.ErrorIs(t, err, errLost)
			continue
		}
		require.Equal(t, told(whole), told(trial))
		require.Empty(t, trial.Untried)
		require.Equal(t, 2*stored, study.StoredItems())
		return
	}
	require.Fail(t, "the trial did not end")
}

// fateful lets POSTs in turn never arrive or lose their answer.
type fateful struct {
	*imednettest.Client
	fates []string
}

func (f *fateful) SubmitRecords(ctx context.Context, study string, records []imednet.Submission, opts imednet.SubmitOptions) (job imednet.Job, err error) {
	fate := ""
	if len(f.fates) > 0 {
		fate, f.fates = f.fates[0], f.fates[1:]
	}
	if fate != "drop" {
		job, err = f.Client.SubmitRecords(ctx, study, records, opts)
	}
	if fate != "" {
		return imednet.Job{}, &imednet.TransportError{Err: errLost, Sent: true}
	}
	return job, err
}
