//go:build cgo && !race

package formats

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
)

// described hashes a list of texts as the pages say, and not with the library's own code.
func described(texts []string) string {
	var b []byte
	for _, text := range texts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

var hashText = regexp.MustCompile("`([0-9a-f]{64})`")

// exampleHash is the hash that stands in the text of an example.
func (d *document) exampleHash(s *section) string {
	found := hashText.FindStringSubmatch(strings.Join(s.text, "\n"))
	if found == nil {
		d.t.Errorf("%s: has no hash", s)
		return ""
	}
	return found[1]
}

// checkExample holds a worked example against the row that the library wrote: each field is the
// row's, and their hash, made as described, is the row's and the one in the text.
func checkExample(d *document, page, path, table, hashColumn string) {
	s := d.find(page, "Example of an entry")
	fields, values := s.column("field"), s.column("value")
	require.Equal(d.t, "domain", fields[0])
	db := storetest.Raw(d.t, path)
	for i, field := range fields[1:] {
		stored := texts(d.t, db, `SELECT CAST(`+field+` AS TEXT) FROM `+table+` LIMIT 1`)[0]
		require.Equal(d.t, stored, values[i+1], "%s: %s", s, field)
	}
	stored := texts(d.t, db, `SELECT `+hashColumn+` FROM `+table+` LIMIT 1`)[0]
	require.Equal(d.t, stored, described(values), "%s: hashed as described", s)
	require.Equal(d.t, stored, d.exampleHash(s), "%s: the hash in the text", s)
}

func checkTriage(d *document) {
	dir := d.dir()
	path := filepath.Join(dir, "t.sqlite3")
	store, err := triage.NewTriageStore(d.t.Context(), path, triage.WithClock(storetest.NewClock()), triage.WithIDs(storetest.Counter("event")))
	d.ok(err)
	link := triage.Link{RecordID: 100001, RevisionID: 500001, FormKey: "AE", Variable: "AETERM", Rule: "AE-002"}
	_, err = store.UpsertItem(d.t.Context(), triage.ItemUpsert{ItemID: "ae-1", StudyKey: "DEMO", UserID: "checks", Severity: "HIGH", Summary: "term missing: Größe", Link: link})
	d.ok(err)
	checkFiles(d, d.find("triage", "Files"), dir, "t.sqlite3")
	checkSQLite(d, "triage", path)
	checkExample(d, "triage", path, "triage_events", "hash")
	checkObjects(d, "triage", reflect.TypeFor[triage.Change](), reflect.TypeFor[triage.Details](), reflect.TypeFor[triage.Imported](),
		reflect.TypeFor[imednet.Identity](), reflect.TypeFor[imednet.Signature]())
	d.compare(d.find("triage", "Object FoundByCheck"), sourceMembers(d.t, "triage/findingfile.go", "fileFinding", "json"))
	checkWords(d, "triage", "Values of status", "triage", "Status")
	checkWords(d, "triage", "Values of kind", "triage", "Kind")
	require.Equal(d.t, described([]string{"imednet/triage/fingerprint/v1", "DEMO", "AE-002", "AE", "100001", "AETERM"}), triage.FingerprintOf("DEMO", link))
	found, err := triage.ReadFindings(strings.NewReader(`[{"code":"c","domain":"AE","recordId":7,"formKey":"F","subjectKey":"K","field":"f","message":"m"}]`), triage.FindingsOptions{StudyKey: "DEMO"})
	d.ok(err)
	require.Equal(d.t, described([]string{"imednet/triage/finding-document/v1", "DEMO", "AE.c", "F", "7", "K", "f", "m"}), found[0].Fingerprint)
	require.Contains(d.t, strings.Join(d.find("triage", "The line of a head").text, " "), triage.Head{}.String())
	d.ok(store.Close())
}

// example is the configuration whose body and entry the page shows.
var example = imednet.StudyConfiguration{
	StudyKey:           "DEMO",
	Mappings:           []imednet.MappingRule{{Domain: "AE", TargetField: "aeSeverity", SourceFormKey: "AE", SourceVariableName: "AESEV"}},
	TerminologyLookups: map[string]map[string]string{"AE.aeSeverity": {"Léger": "MILD"}},
}

func checkConfigurations(d *document) {
	const page = "configurations"
	dir := d.dir()
	path := filepath.Join(dir, "c.sqlite3")
	store, err := versioning.NewConfigVersionStore(d.t.Context(), path, versioning.WithClock(storetest.NewClock()), versioning.WithIDs(storetest.Counter("entry")))
	d.ok(err)
	_, err = store.CommitConfig(d.t.Context(), "DEMO", &example, versioning.CommitOptions{Author: "anna", Reason: "map the severity"})
	d.ok(err)
	checkFiles(d, d.find(page, "Files"), dir, "c.sqlite3")
	checkSQLite(d, page, path)
	checkExample(d, page, path, "config_entries", "entry_hash")
	checkBody(d, path)
	checkObjects(d, page, reflect.TypeFor[imednet.StudyConfiguration](), reflect.TypeFor[imednet.MappingRule](), reflect.TypeFor[imednet.WidgetConfig](),
		reflect.TypeFor[extraction.Settings](), reflect.TypeFor[extraction.Condition](), reflect.TypeFor[extraction.Analysis](), reflect.TypeFor[extraction.Imputation](),
		reflect.TypeFor[versioning.Diff](), reflect.TypeFor[versioning.Replacement](), reflect.TypeFor[versioning.Operation](),
		reflect.TypeFor[versioning.Change](), reflect.TypeFor[versioning.FieldChange](),
		reflect.TypeFor[versioning.Details](), reflect.TypeFor[versioning.DictionaryFile](), reflect.TypeFor[imednet.Identity](), reflect.TypeFor[imednet.Signature]())
	checkWords(d, page, "Values of kind of an entry", "versioning", "EntryKind")
	checkWords(d, page, "Values of kind", "versioning", "ChangeKind")
	require.Contains(d.t, strings.Join(d.find(page, "The line of a head").text, " "), versioning.Head{StudyKey: "DEMO"}.String())
	d.ok(store.Close())
}

// checkBody holds the example of a canonical body against the stored one.
func checkBody(d *document, path string) {
	s := d.find("configurations", "Example of a body")
	db := storetest.Raw(d.t, path)
	stored := texts(d.t, db, `SELECT config_data FROM config_commits`)[0]
	require.Contains(d.t, s.text, stored, "%s: the body", s)
	sum := sha256.Sum256([]byte(stored))
	require.Equal(d.t, hex.EncodeToString(sum[:]), d.exampleHash(s), "%s", s)
	require.Equal(d.t, texts(d.t, db, `SELECT commit_id FROM config_commits`)[0], d.exampleHash(s), "%s", s)
}
