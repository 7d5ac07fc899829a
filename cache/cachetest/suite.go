package cachetest

import (
	"context"
	"os"
	"testing"

	"github.com/imednetgo/imednet/cache"
)

// Config says where the mirrors of the suite are kept.
type Config struct {
	// Place returns a new place, which is empty.
	Place func(t *testing.T) string
	// Open opens the mirror of a place. Mirrors of one place share their data, as those of two processes do.
	// Close it in t.Cleanup.
	Open func(t *testing.T, place string, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader
	// Exec runs an SQL statement on a place, as another program would. Text values stand for payloads.
	Exec func(t *testing.T, place, statement string)
	// Kill runs a task in a process of its own, by [Task.Run], and reports whether it killed itself before it
	// was done. nil skips the tests of kills.
	Kill func(t *testing.T, task Task) bool
}

// suite is a test of the suite under way.
type suite struct{ Config }

// open opens a mirror in a place of its own.
func (s suite) open(t *testing.T, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader {
	return s.Open(t, s.Place(t), client, opts...)
}

// TestMirror tests that mirrors satisfy the contract of a [cache.CachedRecordsLoader]. With IMEDNET_LONG=1 in
// the environment it repeats what is random more often.
func TestMirror(t *testing.T, cfg Config) {
	tests := []struct {
		name string
		run  func(suite, *testing.T)
	}{
		{"FirstSyncThenNothing", suite.firstSyncThenNothing},
		{"ThousandChangesWhilePaging", suite.thousandChangesWhilePaging},
		{"SilentChanges", suite.silentChanges},
		{"SilentDeletionsAndRestorations", suite.silentDeletionsAndRestorations},
		{"ReadingKeepsItsMoment", suite.readingKeepsItsMoment},
		{"ReadersBesideASync", suite.readersBesideASync},
		{"AFollowerBehindAPurgeIsTold", suite.aFollowerBehindAPurgeIsTold},
		{"AnAlteredVersionIsFound", suite.anAlteredVersionIsFound},
		{"ViewsAndCutsKeepTheirVersion", suite.viewsAndCutsKeepTheirVersion},
		{"MassDeletionIsRefused", suite.massDeletionIsRefused},
		{"FaultsOnTheWay", suite.faultsOnTheWay},
		{"ResourcesWhileTheStudyChanges", suite.resourcesWhileTheStudyChanges},
		{"OtherProgramsBesideAFirstPass", suite.otherProgramsBesideAFirstPass},
		{"OtherProgramsAreNoticed", suite.otherProgramsAreNoticed},
		{"OddTextsAndNumbersSurvive", suite.oddTextsAndNumbersSurvive},
		{"RunsOfAStudyExcludeEachOther", suite.runsOfAStudyExcludeEachOther},
		{"PurgedStudiesAreGone", suite.purgedStudiesAreGone},
		{"Killed", suite.killed},
		{"ResourcesKilled", suite.resourcesKilled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(suite{cfg}, t) })
	}
}

func long() bool { return os.Getenv("IMEDNET_LONG") == "1" }

// times is how often something random is repeated: in short runs, usually and in campaigns.
func times(short, usual, campaign int) int {
	switch {
	case long():
		return campaign
	case testing.Short():
		return short
	}
	return usual
}

// Opener opens the mirror of a place in a child process.
type Opener func(ctx context.Context, place string, client cache.Client, opts ...cache.Option) (*cache.CachedRecordsLoader, error)
