package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/triage/triagetest"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/versioning/versioningtest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/journaltest"
)

func openTriage(t testing.TB, url string, opts ...triage.Option) *triage.TriageStore {
	t.Helper()
	s, err := open(t, url).Triage(t.Context(), opts...)
	require.NoError(t, err)
	return s
}

func openVersions(t testing.TB, url string, opts ...versioning.Option) *versioning.ConfigVersionStore {
	t.Helper()
	s, err := open(t, url).Versions(t.Context(), opts...)
	require.NoError(t, err)
	return s
}

func openJournal(t testing.TB, url string, opts ...postgres.Option) submissions.Journal {
	t.Helper()
	j, err := open(t, url, opts...).Journal(t.Context())
	require.NoError(t, err)
	return j
}

func TestTriageContract(t *testing.T) {
	triagetest.TestStore(t, func(t *testing.T, clock imednet.Clock) triagetest.Store {
		return openTriage(t, postgrestest.URL(t), triage.WithClock(clock), triage.WithSeverities(triagetest.Scale()...))
	})
}

func TestVersioningContract(t *testing.T) {
	versioningtest.TestStore(t, func(t *testing.T, clock imednet.Clock) versioningtest.Store {
		return openVersions(t, postgrestest.URL(t), versioning.WithClock(clock))
	})
}

func TestJournalContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock imednet.Clock) submissions.Journal {
		return openJournal(t, postgrestest.URL(t), postgres.WithClock(clock))
	})
}
