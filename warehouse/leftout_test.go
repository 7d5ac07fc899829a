package warehouse_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
)

// TestAStreamThatMayNotBeReadIsLeftOut takes the right to each stream away in turn, over the wire, and from two kinds of
// them in the mirror, from all with IMEDNET_LONG=1: the others are taken over, what was held of it stays, and it catches
// up when the right is back.
func TestAStreamThatMayNotBeReadIsLeftOut(t *testing.T) {
	streams := []imednet.Resource{imednet.RecordRevisions, imednet.Forms, imednet.Variables, imednet.Subjects, imednet.Visits, imednet.Queries, imednet.Codings}
	for _, mirrored := range []bool{false, true} {
		for _, name := range streams {
			if mirrored && name != imednet.RecordRevisions && name != imednet.Visits && os.Getenv("IMEDNET_LONG") == "" {
				continue
			}
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
			client := imednettest.NewServer(study).Client()
			source := func() warehouse.StudySource { return client }
			if mirrored {
				mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, filepath.Join(t.TempDir(), "mirror.sqlite3"))
				require.NoError(t, err)
				defer mirror.Close()
				source = func() warehouse.StudySource {
					_, err := mirror.SyncStudy(t.Context(), "DEMO", cache.SyncOptions{})
					require.NoError(t, err)
					return mirror.Client()
				}
			}
			d := open(t)
			count := func() []string { // of each stream
				all := []string{}
				for _, one := range streams {
					of := "bronze_" + string(one)
					if one == imednet.RecordRevisions {
						of = "bronze_revisions"
					}
					all = append(all, table(t, d, `SELECT count(*) FROM `+of)[0])
				}
				return append(all, table(t, d, `SELECT count(*) FROM bronze_records`)[0])
			}
			ingest := func(refused bool) {
				t.Helper()
				rights := imednettest.Rights{}
				if refused {
					rights.Refused = []imednet.Resource{name}
				}
				study.SetRights(rights)
				runs, err := d.IngestStudy(t.Context(), source(), "DEMO", warehouse.StudyOptions{})
				require.NoError(t, err, "%s, mirrored %t", name, mirrored)
				for _, r := range runs {
					require.Equal(t, refused && r.Stream == string(name), r.LeftOut != "", r.String())
					if r.LeftOut != "" {
						require.Equal(t, string(name)+": left out: the keys may not read it (403)", r.String())
						require.Zero(t, r.Read)
					}
				}
			}
			ingest(true)
			without := count()
			require.Empty(t, table(t, d, `SELECT * FROM imednet_origins`), "a warehouse that lacks a stream is no copy of one state")
			ingest(false)
			whole := count()
			for i := range whole {
				missing := i < len(streams) && streams[i] == name
				require.Equal(t, missing, without[i] != whole[i], "%s: stream %d", name, i)
			}
			require.NoError(t, study.EditRecord(study.RecordIDs()[0], "NOTE", "changed"))
			if mirrored {
				continue // it keeps what it held, and so nothing is left out any more
			}
			ingest(true)
			place := slices.Index(streams, name)
			require.Equal(t, whole[place], count()[place], "what was held stays")
		}
	}
}

// TestAMirrorOfRecordsAloneIsIngested: what it does not hold is left out where the caller says so, and an error otherwise.
func TestAMirrorOfRecordsAloneIsIngested(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	client := imednettest.NewServer(study).Client()
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, filepath.Join(t.TempDir(), "mirror.sqlite3"))
	require.NoError(t, err)
	defer mirror.Close()
	absent := warehouse.StudyOptions{Absent: func(err error) bool { return errors.Is(err, cache.ErrNotSynced) }}
	d := open(t)
	_, err = d.IngestStudy(t.Context(), mirror.Client(), "DEMO", absent)
	require.ErrorIs(t, err, cache.ErrNotSynced, "the records are never left out")

	_, err = mirror.SyncRecords(t.Context(), "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	_, err = d.IngestStudy(t.Context(), mirror.Client(), "DEMO", warehouse.StudyOptions{})
	require.ErrorIs(t, err, cache.ErrNotSynced)
	require.Empty(t, table(t, d, `SELECT * FROM bronze_records`))
	runs, err := d.IngestStudy(t.Context(), mirror.Client(), "DEMO", absent)
	require.NoError(t, err)
	for _, r := range runs {
		if r.Stream == "records" {
			require.EqualValues(t, 300, r.Inserted)
			continue
		}
		require.Equal(t, r.Stream+": left out: the source does not hold it", r.String())
	}
	require.Empty(t, table(t, d, `SELECT * FROM imednet_origins`))

	_, err = mirror.SyncStudy(t.Context(), "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	runs, err = d.IngestStudy(t.Context(), mirror.Client(), "DEMO", absent)
	require.NoError(t, err)
	for _, r := range runs {
		require.Empty(t, r.LeftOut, r.Stream)
	}
	require.NotEmpty(t, table(t, d, `SELECT * FROM imednet_origins`))
}

// TestAStudyThatMayNotBeReadIsAnError: the records are never left out, nor is everything.
func TestAStudyThatMayNotBeReadIsAnError(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	client := imednettest.NewServer(study).Client()
	d := open(t)
	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Records}})
	_, err := d.IngestStudy(t.Context(), client, "DEMO", warehouse.StudyOptions{})
	require.ErrorIs(t, err, imednet.ErrForbidden)
	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.RecordRevisions}})
	_, err = d.IngestRevisions(t.Context(), client, "DEMO", warehouse.RevisionOptions{Mode: warehouse.Replace})
	require.ErrorIs(t, err, imednet.ErrForbidden)
	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Forms, imednet.Variables, imednet.Subjects, imednet.Visits, imednet.Queries, imednet.Codings}})
	_, err = d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.ErrorIs(t, err, imednet.ErrForbidden)
}
