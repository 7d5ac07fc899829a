package report_test

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/report"
)

func TestTheReviewQueueIsCounted(t *testing.T) {
	items := []report.ReviewItem{
		{ID: "a", Status: "NEW", Severity: "HIGH", RecordID: 5},
		{ID: "b", Status: "NEW", Severity: "HIGH", Due: now.Add(-time.Second)},
		{ID: "c", Status: "NEW", Severity: "LOW", Due: now},
		{ID: "d", Status: "RESOLVED", Severity: "LOW", Resolved: true, Due: now.Add(-time.Hour)},
	}
	built := build(t, small(), "S", now, report.Options{Review: studytest.RowsOf(items)})
	assert.Equal(t, &report.Review{Items: 4, Open: 3, Overdue: 1, Groups: []report.ReviewGroup{{Status: "NEW", Severity: "HIGH", Count: 2}, {Status: "NEW", Severity: "LOW", Count: 1}, {Status: "RESOLVED", Severity: "LOW", Count: 1}}}, built.Review)
	table, ok := built.Table("review")
	require.True(t, ok)
	assert.Equal(t, []string{"NEW", "HIGH", "overdue", "", "b"}, table.Rows[0].Cells, "what is overdue comes first")
	assert.Equal(t, []string{"RESOLVED", "LOW", "", "", "d"}, table.Rows[3].Cells)
	assert.Contains(t, pageOf(t, built), "4 items, 3 not resolved, 1 of these overdue.")
	assert.Nil(t, build(t, small(), "S", now, report.Options{}).Review)
}

func TestChangesOfTheDesignAreListed(t *testing.T) {
	changes := []report.DesignChange{
		{At: now.Add(-time.Hour), Resource: "variables", Name: "AE.AESEV", Member: "label", Kind: "updated"},
		{At: now, Resource: "forms", Name: "CM", Kind: "added"},
	}
	built := build(t, small(), "S", now, report.Options{DesignChanges: studytest.RowsOf(changes)})
	assert.Equal(t, &report.DesignChanges{Changes: 2, Groups: []report.DesignGroup{{Resource: "forms", Kind: "added", Count: 1}, {Resource: "variables", Kind: "updated", Count: 1}}}, built.DesignChanges)
	table, _ := built.Table("design")
	assert.Equal(t, []string{"forms", "added", "CM", "", "2024-06-15 09:00:00"}, table.Rows[0].Cells, "the newest first")
	assert.Contains(t, pageOf(t, build(t, small(), "S", now, report.Options{})), "gives no history of the design, so its changes are left out")
}

// TestWhatIsGivenBesideTheStudyCanFail: a queue or history that cannot be read fails the report.
func TestWhatIsGivenBesideTheStudyCanFail(t *testing.T) {
	broken := errors.New("broken")
	workflow, err := report.NewStudyReport(small())
	require.NoError(t, err)
	_, err = workflow.Build(t.Context(), "S", report.Options{Review: failing[report.ReviewItem](broken)})
	require.ErrorIs(t, err, broken)
	_, err = workflow.Build(t.Context(), "S", report.Options{DesignChanges: failing[report.DesignChange](broken)})
	require.ErrorIs(t, err, broken)
}

func failing[T any](err error) iter.Seq2[T, error] { return orError[T](nil, err) }

// TestBlindedAnswersAreCountedAndNeverListed, even if values are shown.
func TestBlindedAnswersAreCountedAndNeverListed(t *testing.T) {
	f := small()
	f.records = []imednet.Record{event(1, `{"AESEV":"Severe","AESER":"Y"}`)}
	opts := report.Options{ShowValues: true, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}}
	open, _ := build(t, f, "S", now, opts).Table("events")
	assert.Equal(t, []string{"Severe", "serious", "AE", "North", "1", "01-001", "Severe"}, open.Rows[0].Cells)
	f.variables[1].Blinded = imednet.Some(true)
	blinded, _ := build(t, f, "S", now, opts).Table("events")
	assert.Equal(t, []string{"Severe", "serious", "AE", "North", "", "", ""}, blinded.Rows[0].Cells)
}
