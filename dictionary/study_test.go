package dictionary_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// A dictionary that names a study is not joined with another's forms, however many of its own they are.
func TestADictionaryIsJoinedWithItsOwnStudyOnly(t *testing.T) {
	forms := func(study imednet.Opt[string]) []imednet.Form {
		return []imednet.Form{{StudyKey: study, FormID: 1, FormKey: imednet.Some("F")}}
	}
	for _, c := range []struct {
		dictionary string
		study      imednet.Opt[string]
		refused    string
	}{
		{"S", imednet.Some("S"), ""},
		{" S ", imednet.Some("S"), ""},
		{"", imednet.Some("S"), ""},
		{"S", imednet.Opt[string]{}, ""},
		{"S", imednet.Some("T"), `it is that of study "S", not of "T"`},
		{"S", imednet.Some("s"), `it is that of study "S", not of "s"`},
		{"S", imednet.Some("S2"), `it is that of study "S", not of "S2"`},
	} {
		d := read(t, entryExport().dir(t), c.dictionary)
		_, err := d.Join(forms(c.study), nil, dictionary.JoinOptions{})
		_, asked := d.Join(forms(c.study), nil, dictionary.JoinOptions{AnyStudy: true})
		require.NoError(t, asked)
		if c.refused == "" {
			require.NoError(t, err, c)
			continue
		}
		require.ErrorIs(t, err, dictionary.ErrOtherStudy)
		require.ErrorContains(t, err, c.refused)
	}
}

// A document that names its study is not read as another's.
func TestADocumentOfAnotherStudyIsNotRead(t *testing.T) {
	var document bytes.Buffer
	_, err := read(t, entryExport().dir(t), "S").Toolkit(dictionary.ToolkitOptions{}).WriteTo(&document)
	require.NoError(t, err)
	files := map[string][]byte{dictionary.ToolkitFile: document.Bytes()}
	for study, refused := range map[string]bool{"": false, "S": false, "T": true} {
		opts := dictionary.ReadOptions{StudyKey: study}
		d, err := dictionary.ReadFiles(files, opts)
		require.Equal(t, refused, err != nil, study)
		require.Equal(t, err, dictionary.CheckFiles(files, opts))
		if refused {
			require.ErrorIs(t, err, dictionary.ErrOtherStudy)
			require.ErrorContains(t, err, `it is that of study "S", not of "T"`)
			continue
		}
		require.Equal(t, "S", d.StudyKey)
	}
}
