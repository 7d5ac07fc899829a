//go:build cgo && !race

package formats

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/structure"
)

const documents = "documents"

func checkDocuments(d *document) {
	checkObjects(d, documents, reflect.TypeFor[profiles.StudyProfile](), reflect.TypeFor[profiles.SiteCount](), reflect.TypeFor[profiles.FormProfile](),
		reflect.TypeFor[profiles.FieldProfile](), reflect.TypeFor[profiles.FieldDesign](), reflect.TypeFor[profiles.MissingCounts](), reflect.TypeFor[profiles.TypeCounts](),
		reflect.TypeFor[profiles.UniqueCount](), reflect.TypeFor[profiles.LengthProfile](), reflect.TypeFor[profiles.NumberProfile](),
		reflect.TypeFor[profiles.Bin](), reflect.TypeFor[profiles.DateProfile](), reflect.TypeFor[profiles.DatePrecisions](),
		reflect.TypeFor[profiles.CodelistProfile](), reflect.TypeFor[profiles.ValueCount](), reflect.TypeFor[profiles.FieldSite](),
		reflect.TypeFor[structure.Change](), reflect.TypeFor[imednet.Submission](),
		reflect.TypeFor[cdisc.Manifest](), reflect.TypeFor[cdisc.ManifestFile](), reflect.TypeFor[cdisc.ManifestDataset](), reflect.TypeFor[cdisc.ManifestVariable](),
		reflect.TypeFor[cdisc.Loss](), reflect.TypeFor[cdisc.Remedies](), reflect.TypeFor[cdisc.DatasetNames](), reflect.TypeFor[cdisc.VariableNames]())
	checkWords(d, documents, "Values of inferred", "workflows/profiles", "FieldType")
	checkWords(d, documents, "Values of kind", "workflows/structure", "ChangeKind")
	checkWords(d, documents, "Values of part", "workflows/structure", "Part")
	checkStructure(d)
	d.compare(d.find(documents, "Settings"), sourceMembers(d.t, "cmd/imednet/settings.go", "settings", "yaml"))
	d.compare(d.find(documents, "Rules of retention"), sourceMembers(d.t, "cmd/imednet/retention.go", "retentionRule", "yaml"))
	for section, name := range map[string]string{"Policy": "document", "Policy user": "member", "provider": "provider"} {
		d.compare(d.find("policy", "Object "+section), sourceMembers(d.t, "internal/policy/read.go", name, "yaml"))
	}
	checkPlan(d)
	checkBackup(d)
	checkFolder(d)
}

// checkPlan reads the members of a plan out of the command.
func checkPlan(d *document) {
	const file = "cmd/imednet/plandocument.go"
	files := readMembers(d.t, file, "readFiles")
	for section, members := range map[string][]fact{
		"A plan": readMembers(d.t, file, "read"), "Plan mirror": readMembers(d.t, file, "readMirror"),
		"Plan export": append(readMembers(d.t, file, "readExport"), files...), "Plan deidentify": readMembers(d.t, file, "deidentify"),
		"Plan extract": append(readMembers(d.t, file, "readExtract"), files...), "Plan warehouse": readMembers(d.t, file, "readWarehouse"),
		"Plan report": readMembers(d.t, file, "readReport"),
	} {
		d.compareSets(d.find(documents, section), members)
	}
	d.compare(d.find(documents, "Manifest of a page"), sourceMembers(d.t, "cmd/imednet/planpage.go", "pageManifest", "json"))
}

func checkStructure(d *document) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	workflow, err := structure.NewStudyStructure(imednettest.NewServer(study).Client())
	d.ok(err)
	structure, err := workflow.Structure(d.t.Context(), study.Key())
	d.ok(err)
	written, err := json.Marshal(structure)
	d.ok(err)
	checkProduced(d, d.find(documents, "Object Design"), observe(d.t, written))
	checkProduced(d, d.find(documents, "Object Form"), observe(d.t, written, "forms", "*"))
	checkProduced(d, d.find(documents, "Object Unscheduled"), observe(d.t, written, "unscheduled"))
}

var keptFile = regexp.MustCompile(`\{(?:s\.[^,]+|history), "([^"]+)"`)

// checkBackup reads the names of the copies out of the command.
func checkBackup(d *document) {
	source, err := os.ReadFile(filepath.Join("..", "..", "cmd", "imednet", "backup.go"))
	d.ok(err)
	var facts []fact
	for _, name := range keptFile.FindAllStringSubmatch(string(source), -1) {
		facts = append(facts, fact{name[1], "0600"})
	}
	d.compare(d.find(documents, "Files of a backup"), facts)
}

// checkFolder proves for each file that LoadDir reads it: one that is no JSON is an error. Names of
// all resources are tried, so that one that is read and not described is found.
func checkFolder(d *document) {
	s := d.find(documents, "Files of a study")
	resources := words(d.t, ".", "Resource")
	read := map[string]bool{}
	for _, name := range append(resources, fact{name: "recordVersions"}) {
		dir := d.t.TempDir()
		d.ok(os.WriteFile(filepath.Join(dir, "studies.ndjson"), []byte(`{"studyKey":"S"}`), 0o600))
		d.ok(os.WriteFile(filepath.Join(dir, "records.ndjson"), nil, 0o600)) // which must be there
		_, err := imednettest.LoadDir(dir)
		d.ok(err)
		d.ok(os.WriteFile(filepath.Join(dir, name.name+".ndjson"), []byte("{"), 0o600))
		if _, err := imednettest.LoadDir(dir); err != nil {
			read[name.name+".ndjson"] = true
		}
	}
	for _, name := range s.column("file") {
		require.True(d.t, read[name], "%s: %s is not read", s, name)
		delete(read, name)
	}
	require.Empty(d.t, read, "%s: files are read and not described", s)
	checkVersions(d)
}

// checkVersions shows that the members of a version have their meaning: the study is served as of
// a moment between them.
func checkVersions(d *document) {
	members := d.find(documents, "Object Version").column("member")
	require.Equal(d.t, []string{"from", "to", "record"}, members)
	dir := d.t.TempDir()
	for name, line := range map[string]string{
		"studies":        `{"studyKey":"S"}`,
		"records":        `{"recordId":7,"dateCreated":"2026-03-01 08:00:00","dateModified":"2026-03-03 08:00:00","recordStatus":"new"}`,
		"recordVersions": `{"from":"2026-03-01 08:00:00","to":"2026-03-03 08:00:00","record":{"recordId":7,"dateCreated":"2026-03-01 08:00:00","recordStatus":"old"}}`,
	} {
		d.ok(os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(line+"\n"), 0o600))
	}
	study, err := imednettest.LoadDir(dir)
	d.ok(err)
	for _, moment := range []struct{ at, status string }{{"2026-03-02 08:00:00", "old"}, {"2026-03-03 08:00:00", "new"}} {
		at, err := imednet.ParseTime(moment.at)
		d.ok(err)
		study.SetTime(at.Time)
		record, ok := study.Record(7)
		require.True(d.t, ok)
		require.Equal(d.t, moment.status, record.RecordStatus.Or(""), "at %s", moment.at)
	}
}
