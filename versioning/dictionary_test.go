package versioning_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// A file that was written before there were dictionaries takes them, and all that it had is as it was.
func TestAFileWithoutDictionariesTakesThem(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	_, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "AETERM")), why)
	require.NoError(t, err)
	before := history(t, s, "S")
	require.NoError(t, s.Close())
	storetest.Exec(t, path, `DROP TABLE dictionary_files`, `DELETE FROM imednet_schema WHERE version = 2`)

	s = open(t, path)
	require.Equal(t, before, history(t, s, "S"))
	files := map[string][]byte{"FORMS.csv": []byte("Form Key\n")}
	e, err := s.CommitDictionary(t.Context(), "S", files, why)
	require.NoError(t, err)
	require.Equal(t, before[0].Hash, e.ParentHash)
	d, err := s.Dictionary(t.Context(), "S", "1")
	require.NoError(t, err)
	require.Equal(t, files, d.Files)
	require.Equal(t, e, d.Entry)
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err)
}

// A damaged file is reported where it is, is never handed out, and blocks nothing else.
func TestADamagedFileOfADictionary(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	first := map[string][]byte{"FORMS.csv": []byte("one"), "RULES.csv": []byte("same")}
	second := map[string][]byte{"FORMS.csv": []byte("two"), "RULES.csv": []byte("same")}
	for _, files := range []map[string][]byte{first, second} {
		_, err := s.CommitDictionary(t.Context(), "S", files, why)
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	for damage, hint := range map[string]string{
		`UPDATE dictionary_files SET content = x'6f6e65' WHERE content = x'74776f'`: "the file FORMS.csv was changed",
		`DELETE FROM dictionary_files WHERE content = x'74776f'`:                    "the file FORMS.csv is missing",
	} {
		damaged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, damaged, damage)
		s := open(t, damaged)
		entries := history(t, s, "S")
		require.NoError(t, entries[0].Fault)
		require.ErrorIs(t, entries[1].Fault, versioning.ErrIntegrity)
		require.ErrorContains(t, entries[1].Fault, hint)
		_, err := s.Dictionary(t.Context(), "S", "2")
		require.ErrorIs(t, err, versioning.ErrIntegrity)
		d, err := s.Dictionary(t.Context(), "S", "1")
		require.NoError(t, err)
		require.Equal(t, first, d.Files)
		_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
		require.ErrorIs(t, err, versioning.ErrIntegrity)
		_, err = s.CommitDictionary(t.Context(), "S", map[string][]byte{"FORMS.csv": []byte("three")}, why)
		require.NoError(t, err)
	}
}

// Committing a dictionary copies none of its files in this program's memory.
func TestCommittingADictionaryCopiesNothing(t *testing.T) {
	const size = 8 << 20
	s := open(t, newPath(t))
	files := map[string][]byte{"BUSINESS_LOGIC.csv": bytes.Repeat([]byte("a row of it\n"), size/12)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := s.CommitDictionary(t.Context(), "S", files, why)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/8))
	d, err := s.Dictionary(t.Context(), "S", "1")
	require.NoError(t, err)
	require.Equal(t, files, d.Files)
}
