package versioningtest

import (
	"errors"
	"reflect"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

// export is a small dictionary with bytes that are no text; forms is the content of one file.
func export(forms string) map[string][]byte {
	return map[string][]byte{"FORMS.csv": []byte(forms), "CHOICES.csv": {0xff, 0, '\r', '\n', 0xe4}, "QUESTIONS.csv": {}}
}

// firstExport is what `sha256sum CHOICES.csv FORMS.csv QUESTIONS.csv | sha256sum` prints for export("A").
const firstExport = "99d4da0dc840dda39856eccdbbceb58dafa97f5377955919a7cf42a599ad9f82"

func (b *bench) putDictionary(study, forms string) versioning.Entry {
	b.Helper()
	e, err := b.store.CommitDictionary(b.ctx, study, export(forms), why)
	b.no(err)
	return e
}

// dictionaries commits A, B, A again, and A to another study, beside configurations.
func (b *bench) dictionaries() {
	config := b.put("S", "A")
	first, second, third := b.putDictionary("S", "A"), b.putDictionary("S", "B"), b.putDictionary("S", "A")
	other := b.putDictionary("S2", "A")
	equal(b, "commit id", first.CommitID, firstExport)
	for i, e := range []versioning.Entry{first, second, third} {
		equal(b, "version", e.VersionTag, []string{"1", "2", "3"}[i])
		equal(b, "sequence", e.Sequence, int64(i+2))
		equal(b, "kind", e.Kind, versioning.KindDictionary)
		equal(b, "files", len(e.Details.Files), 3)
	}
	equal(b, "replaces", third.Details.Replaces, second.CommitID)
	equal(b, "commit id", third.CommitID, first.CommitID)
	equal(b, "commit id", other.CommitID, first.CommitID)
	equal(b, "version", other.VersionTag, "1")
	equal(b, "parent", first.ParentHash, config.Hash)
	if all := b.entries("S", versioning.HistoryOptions{}); !reflect.DeepEqual(all[1:], []versioning.Entry{first, second, third}) {
		b.Fatalf("the entries read back are %+v", all)
	}
	for version, want := range map[string]string{"1": "A", "2": "B", "3": "A", second.CommitID: "B"} {
		d, err := b.store.Dictionary(b.ctx, "S", version)
		b.no(err)
		if !reflect.DeepEqual(d.Files, export(want)) || d.Entry.Fault != nil {
			b.Fatalf("version %s is %v, want %v", version, d.Files, export(want))
		}
	}
	head, err := b.store.Head(b.ctx, "S")
	b.no(err)
	equal(b, "newest configuration", head.CommitID, config.CommitID)
	b.refusedDictionaries(head)
}

func (b *bench) refusedDictionaries(head versioning.Head) {
	_, err := b.store.CommitDictionary(b.ctx, "S", export("A"), why)
	b.is(err, versioning.ErrDuplicate)
	old := why
	old.IfHead = &versioning.Head{StudyKey: "S", Sequence: head.Sequence - 1, Hash: head.Hash}
	_, err = b.store.CommitDictionary(b.ctx, "S", export("C"), old)
	b.is(err, versioning.ErrHeadMoved)
	for _, version := range []string{"0", "01", "4", strings.Repeat("0", 64)} {
		_, err = b.store.Dictionary(b.ctx, "S", version)
		b.is(err, imednet.ErrNotFound)
	}
	_, err = b.store.Dictionary(b.ctx, "S3", "1")
	b.is(err, imednet.ErrNotFound)
	_, err = b.store.RollbackConfig(b.ctx, "S2", firstExport)
	b.is(err, imednet.ErrNotFound)
	for _, files := range []map[string][]byte{nil, {}, {"": nil}, {"../FORMS.csv": nil}, {"a b": nil}, {"..": nil}, {"c:": nil}} {
		_, err = b.store.CommitDictionary(b.ctx, "S", files, why)
		if !errors.As(err, new(*imednet.ValidationError)) {
			b.Fatalf("files %v: error is %v", files, err)
		}
	}
	equal(b, "entries", len(b.entries("S", versioning.HistoryOptions{})), 4)
	v, err := b.store.Verify(b.ctx, versioning.VerifyOptions{Heads: []versioning.Head{head}})
	b.no(err)
	equal(b, "files", v.Files, 4)
}
