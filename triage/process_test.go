package triage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

func TestMain(m *testing.M) { storetest.Main(m, write) }

// write lets goroutines report, comment, assign and claim on one file. Each line that it
// acknowledges is "item", an item id, or "comment", the comment's text.
func write(ctx context.Context, path, name string, rounds int, ack childtest.Say) error {
	if name == readerOfALog {
		return toldOfTheLog(ctx, path)
	}
	if name == reader {
		return readOnly(ctx, path)
	}
	s, err := triage.NewTriageStore(ctx, path)
	if err != nil {
		return err
	}
	workers := 6
	if name == "p3" {
		workers = 4 // 6 + 6 + 4 = 16 writers
	}
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for i := range workers {
		wg.Go(func() {
			user := fmt.Sprintf("%s-%d", name, i)
			for round := 0; (rounds == 0 || round < rounds) && errs[i] == nil; round++ {
				errs[i] = work(ctx, s, user, round, ack)
			}
		})
	}
	wg.Wait()
	return errors.Join(append(errs, s.Close())...)
}

func work(ctx context.Context, s *triage.TriageStore, user string, round int, ack childtest.Say) error {
	finding := triage.Finding{StudyKey: "S", Severity: "HIGH", Fingerprint: fmt.Sprintf("%s-%d", user, round)}
	reported, err := s.ReportFindings(ctx, user, []triage.Finding{finding, {StudyKey: "S", Severity: "LOW", Fingerprint: "shared"}})
	if err != nil {
		return err
	}
	ack("item " + reported.Findings[0].ItemID)
	text := fmt.Sprintf("%s-%d", user, round)
	if _, err := s.AddAnnotation(ctx, triage.Comment{ItemID: reported.Findings[1].ItemID, UserID: user, Text: text}); err != nil {
		return err
	}
	ack("comment " + text)
	_, err = s.ClaimNext(ctx, triage.QueueOptions{StudyKey: "S"}, triage.Claim{UserID: user})
	if errors.Is(err, imednet.ErrNotFound) {
		err = nil // the others hold all
	}
	return err
}

// checkAcked demands an unbroken store that has everything that was acknowledged.
func checkAcked(t *testing.T, path string, acked []string) {
	t.Helper()
	s, err := triage.NewTriageStore(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	v, err := s.Verify(t.Context(), triage.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
	stored := map[string]bool{}
	for e, err := range s.Events(t.Context(), triage.EventOptions{StudyKey: "S"}) {
		require.NoError(t, err)
		switch e.Kind {
		case triage.KindCreated:
			stored["item "+e.ItemID] = true
		case triage.KindAnnotated:
			stored["comment "+e.Change.Comment] = true
		}
	}
	for _, line := range acked {
		require.True(t, stored[line], "acknowledged and lost: %s", line)
	}
}

func TestSixteenWritersInThreeProcesses(t *testing.T) {
	path := newPath(t)
	rounds := storetest.Rounds()
	acked := storetest.RunWriters(t, path, rounds, "p1", "p2", "p3")
	require.Len(t, acked, 16*rounds*2)
	checkAcked(t, path, acked)

	// Nobody's claim was taken by another: each item was claimed once.
	s := open(t, path)
	holders := map[string]string{}
	for e, err := range s.Events(t.Context(), triage.EventOptions{}) {
		require.NoError(t, err)
		if e.Kind == triage.KindClaimed {
			require.Empty(t, holders[e.ItemID])
			holders[e.ItemID] = e.UserID
		}
	}
	require.Len(t, holders, 16*rounds, "one claim a round, of 16*rounds+1 items")
	page, err := s.Queue(t.Context(), triage.QueueOptions{StudyKey: "S", Severity: "LOW"})
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "one fingerprint, one item")
	require.Len(t, page.Items[0].Annotations, 16*rounds)
	for _, a := range page.Items[0].Annotations {
		require.True(t, strings.HasPrefix(a.Comment, a.UserID+"-"))
	}
}

func TestKilledWritersLoseNothing(t *testing.T) {
	path := newPath(t)
	storetest.KillWriters(t, path, storetest.Kills(), func(acked []string) { checkAcked(t, path, acked) })
}
