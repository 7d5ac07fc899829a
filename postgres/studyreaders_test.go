package postgres_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

// pageOfStudyReaders is the block of docs/scale.md that keeps rows of studies apart.
func pageOfStudyReaders(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "scale.md"))
	require.NoError(t, err)
	_, block, found := strings.Cut(string(page), "```console\nCREATE ROLE imednet_study_reader")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	return "CREATE ROLE imednet_study_reader" + block
}

// TestReadersOfAStudySeeNoOther runs the page's statements over a mirror of two studies: anna, who may
// read one of them, sees its rows in each table as the owner does, and none of the other, with SQL and in
// a program; writer and reader of all go on as before.
func TestReadersOfAStudySeeNoOther(t *testing.T) {
	_, url := postgrestest.Start(t)
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	of := func(user string) string {
		return strings.NewReplacer("user=imednet", "user="+user, config.RuntimeParams["search_path"], "imednet").Replace(url)
	}
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "CARDIO", Records: 30}),
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DERMA", Records: 60, Seed: 1}))
	owner := openAll(t, of("imednet"))
	mirror, err := owner.db.Mirror(t.Context(), server.Client())
	require.NoError(t, err)
	for _, study := range []string{"CARDIO", "DERMA"} {
		sync := func() {
			_, err := mirror.SyncStudy(t.Context(), study, cache.SyncOptions{Sweep: true})
			require.NoError(t, err)
		}
		sync()
		_, err = mirror.Cut(t.Context(), study, cache.CutOptions{Name: "lock"})
		require.NoError(t, err)
		edc := server.Study(study)
		rec, _ := edc.Record(edc.RecordIDs()[0])
		require.NoError(t, edc.SetStatus(rec.RecordID, "Record Incomplete"))
		require.NoError(t, edc.EditRow(imednet.Sites, rec.SiteID.Or(0), "siteName", "renamed"))
		sync()
	}
	before := rowsOf(t, of("imednet"), true)
	require.Subset(t, slices.Collect(maps.Keys(before)), append(viewNames(t, of("imednet")), "record_cache", "imednet_history", "imednet_row", "imednet_row_history", "imednet_cut"))
	postgrestest.Exec(t, of("imednet"), pageOfRoles(t), pageOfStudyReaders(t),
		`ALTER ROLE imednet_writer LOGIN`, `ALTER ROLE imednet_reader LOGIN`, `CREATE ROLE anna LOGIN IN ROLE imednet_study_reader`, `CREATE ROLE ben LOGIN IN ROLE imednet_study_reader`,
		`INSERT INTO imednet.imednet_may_read VALUES ('anna', 'CARDIO')`)

	_, again, found := strings.Cut(pageOfStudyReaders(t), "DO $$")
	require.True(t, found)
	postgrestest.Exec(t, of("imednet"), "DO $$"+again)
	require.Equal(t, before, rowsOf(t, of("anna"), true), "the study's rows, in every table")
	require.Empty(t, rowsOf(t, of("anna"), false), "rows of the other")
	require.Empty(t, rowsOf(t, of("ben"), true), "who may read nothing yet")
	require.Equal(t, before, rowsOf(t, of("imednet_reader"), true))
	require.NotEmpty(t, rowsOf(t, of("imednet_reader"), false))

	annas, err := open(t, of("anna")).Mirror(t.Context(), nil)
	require.NoError(t, err)
	keys, err := annas.StudyKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"CARDIO"}, keys)
	for study, want := range map[string]bool{"CARDIO": true, "DERMA": false} {
		n := 0
		for _, err := range annas.Records(t.Context(), study, imednet.ListOptions{}) {
			if err != nil {
				require.ErrorIs(t, err, cache.ErrNotSynced, study)
				break
			}
			n++
		}
		require.Equal(t, want, n > 0, study)
	}
	for _, statement := range []string{`SELECT * FROM imednet_purge`, `SELECT * FROM submission_items`, `SELECT * FROM triage_items`,
		`SELECT * FROM ledger_run`, `DELETE FROM record_cache`, `INSERT INTO imednet_may_read VALUES ('anna', 'DERMA')`} {
		conn, err := pgx.Connect(t.Context(), of("anna"))
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "42501", statement)
		require.NoError(t, conn.Close(t.Context()))
	}

	writer := openAll(t, of("imednet_writer"))
	require.Empty(t, writer.write(t, "writer"))
	writer.verify(t)

	// What changes is kept by a writer too, whose rows cannot be copied while row-level security applies.
	edited, err := writer.db.Mirror(t.Context(), server.Client())
	require.NoError(t, err)
	edc := server.Study("CARDIO")
	ids := edc.RecordIDs()
	rec, _ := edc.Record(ids[0])
	for _, status := range []string{"Record Complete", "Record Incomplete"} {
		require.NoError(t, edc.SetStatus(ids[0], status))
		require.NoError(t, edc.EditRow(imednet.Sites, rec.SiteID.Or(0), "siteName", status))
		require.NoError(t, edc.DeleteRecord(ids[1], true))
		_, err = edited.SyncStudy(t.Context(), "CARDIO", cache.SyncOptions{Sweep: true})
		require.NoError(t, err)
		require.NoError(t, edc.RestoreRecord(ids[1], true))
		_, err = edited.SyncStudy(t.Context(), "CARDIO", cache.SyncOptions{Sweep: true})
		require.NoError(t, err)
	}
	after := rowsOf(t, of("anna"), true)
	require.Equal(t, before["imednet_history"]+6, after["imednet_history"])
	require.Equal(t, before["imednet_row_history"]+2, after["imednet_row_history"])
	verified, err := edited.Verify(t.Context(), "CARDIO")
	require.NoError(t, err)
	require.True(t, verified.OK(), "%+v", verified)
}

// rowsOf counts the rows of the study CARDIO, or of all others, in each table and view of the mirror that has any,
// as its user sees them.
func rowsOf(t *testing.T, url string, cardio bool) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	const study = `(study_key = 'CARDIO') = $1`
	const id = `(study IN (SELECT id FROM imednet_study WHERE study_key = 'CARDIO')) = $1`
	const resource = `(resource IN (SELECT r.id FROM imednet_resource r JOIN imednet_study s ON s.id = r.study WHERE s.study_key = 'CARDIO')) = $1`
	found := map[string]int{}
	conditions := map[string]string{
		"record_cache": study, "imednet_study": study, "imednet_foreign": study, "imednet_purged": study, "imednet_notes": study,
		"imednet_record": id, "imednet_tombstone": id, "imednet_history": id, "imednet_version": id, "imednet_pending": id, "imednet_run": id, "imednet_resource": id,
		"imednet_cut": id, "imednet_row": resource, "imednet_row_history": resource,
	}
	for _, view := range viewNames(t, url) {
		conditions[view] = study
	}
	for name, where := range conditions {
		var n int
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM `+name+` WHERE `+where, cardio).Scan(&n), name)
		if n > 0 {
			found[name] = n
		}
	}
	return found
}
