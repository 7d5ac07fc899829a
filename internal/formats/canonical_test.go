//go:build cgo && !race

package formats

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

const canonical = "canonical"

func checkCanonical(d *document) {
	checkObjects(d, canonical, reflect.TypeFor[extraction.ExtractionResult](), reflect.TypeFor[extraction.Origin](),
		reflect.TypeFor[extraction.RejectedRow](), reflect.TypeFor[extraction.RowFinding](), reflect.TypeFor[extraction.Finding](),
		reflect.TypeFor[extraction.Report](), reflect.TypeFor[extraction.Counts](), reflect.TypeFor[extraction.RuleCount](),
		reflect.TypeFor[extraction.Configuration](), reflect.TypeFor[extraction.CodingOrigin](),
		reflect.TypeFor[extraction.Profile](), reflect.TypeFor[extraction.DomainProfile](), reflect.TypeFor[extraction.DetailRule](),
		reflect.TypeFor[extraction.StandardsReadinessReport](), reflect.TypeFor[extraction.DomainReadiness](),
		reflect.TypeFor[extraction.TermFinding](), reflect.TypeFor[extraction.ProfileFinding](),
		reflect.TypeFor[extraction.ConformanceReport](), reflect.TypeFor[extraction.ReportDetails](), reflect.TypeFor[extraction.ReportDataset](),
		reflect.TypeFor[extraction.FindingSummary](), reflect.TypeFor[extraction.RuleFinding](), reflect.TypeFor[extraction.RuleResult]())
	for _, name := range []string{"RowLineage", "Lineage"} {
		d.compare(d.find(canonical, "Object "+name), sourceMembers(d.t, "extraction/lineagequery.go", name+".MarshalJSON", "json"))
	}
	d.compare(d.find(canonical, "Object About"), sourceMembers(d.t, "cmd/imednet/extract.go", "aboutCanonical", "json"))
	checkWords(d, canonical, "Values of type", "extraction", "Rejected")
	checkWords(d, canonical, "Values of code", "extraction", "Finding")
	checkWords(d, canonical, "Values of excluded", "extraction", "Excluded")
	checkWords(d, canonical, "Values of severity", "extraction", "Severity")
	checkWords(d, canonical, "Values of state", "extraction", "RuleState")
	for _, domain := range extraction.Domains() {
		checkFields(d, domain)
	}
	checkCanonicalArrow(d)
	checkRows(d)
}

var (
	fieldList = regexp.MustCompile(`(?s)\n\t(\w+): \{\n(.*?)\n\t\},`)
	fieldSpec = regexp.MustCompile(`\{"(\w+)", (\w+)Kind, (true|false)\}`)
)

// typedFields reads the typed fields of a domain out of the package's own table.
func typedFields(d *document, domain extraction.Domain) []fact {
	source, err := os.ReadFile(filepath.Join("..", "..", "extraction", "domain.go"))
	d.ok(err)
	var facts []fact
	for _, list := range fieldList.FindAllStringSubmatch(string(source), -1) {
		if list[1] != string(domain) {
			continue
		}
		for _, spec := range fieldSpec.FindAllStringSubmatch(list[2], -1) {
			kind := spec[2]
			if spec[3] == "true" {
				kind += ", required"
			}
			facts = append(facts, fact{spec[1], kind})
		}
	}
	require.NotEmpty(d.t, facts, "extraction has no fields of %s", domain)
	return facts
}

func checkFields(d *document, domain extraction.Domain) {
	facts := typedFields(d, domain)
	s := d.find(canonical, "Fields of "+string(domain))
	d.compare(s, facts)
	schema := engineOf(d, domain, facts).ArrowSchema(domain)
	for _, f := range facts { // the table that was read is the one that is used
		fields, ok := schema.FieldsByName(f.name)
		require.True(d.t, ok, "%s: %s", s, f.name)
		kind, _ := fields[0].Metadata.GetValue("kind")
		require.Equal(d.t, kind, strings.TrimSuffix(f.typ, ", required"), "%s: %s", s, f.name)
	}
}

// engineOf maps fields of a domain from variables of the same names.
func engineOf(d *document, domain extraction.Domain, fields []fact) *extraction.Engine {
	configuration := imednet.StudyConfiguration{StudyKey: "S"}
	for _, f := range fields {
		configuration.Mappings = append(configuration.Mappings, imednet.MappingRule{Domain: string(domain), TargetField: f.name, SourceFormKey: "F", SourceVariableName: f.name})
	}
	engine, err := extraction.NewEngine(configuration)
	d.ok(err)
	return engine
}

// checkCanonicalArrow holds the columns against the schema of a domain with a field of each kind.
func checkCanonicalArrow(d *document) {
	fields := []fact{{name: "PARAM"}, {name: "AVAL"}, {name: "ADY"}, {name: "ABLFL"}, {name: "ADT"}, {name: "OTHER"}}
	columns := engineOf(d, extraction.ADLB, fields).ArrowSchema(extraction.ADLB).Fields()
	first := slices.IndexFunc(columns, func(f arrow.Field) bool { return f.Metadata.Len() > 0 })
	var fixed, kinds []fact
	for _, f := range columns[:first] {
		typ := f.Type.String()
		if !f.Nullable {
			typ += ", never null"
		}
		fixed = append(fixed, fact{f.Name, typ})
	}
	d.compare(d.find(canonical, "Columns of every domain"), fixed)
	for _, f := range columns[first:] {
		if kind, ok := f.Metadata.GetValue("kind"); ok {
			kinds = append(kinds, fact{kind, f.Type.String()})
			continue
		}
		kinds[len(kinds)-1].typ += "; " + f.Type.String()
	}
	d.compareSets(d.find(canonical, "Columns of a field"), kinds)
}

// checkRows holds the members of rows, with and without an origin, against the page.
func checkRows(d *document) {
	records := map[extraction.Domain]string{
		extraction.AE:   `{"recordId":1,"formKey":"F","subjectId":2,"subjectKey":"01-001","recordData":{"aeTerm":"x","aeSeverity":"y"}}`,
		extraction.ADSL: `{"recordId":1,"formKey":"F","deleted":true,"subjectKey":"01-001","recordData":{"AGE":"old"}}`,
	}
	var rows []extraction.CanonicalRow
	for domain, fields := range map[extraction.Domain][]fact{extraction.AE: typedFields(d, extraction.AE), extraction.ADSL: {{name: "AGE"}}} {
		record, err := imednet.Decode[imednet.Record]([]byte(records[domain]))
		d.ok(err)
		result, err := engineOf(d, domain, fields).Extract(d.t.Context(), extraction.RecordList{record}, extraction.Options{IncludeDeleted: true})
		d.ok(err)
		rows = slices.AppendSeq(rows, result.Rows())
	}
	require.Len(d.t, rows, 2)
	written, err := json.Marshal(rows)
	d.ok(err)
	o := observe(d.t, written, "*")
	fields := append(typedFields(d, extraction.AE), typedFields(d, extraction.ADSL)...)
	o.order = slices.DeleteFunc(o.order, func(member string) bool {
		return slices.ContainsFunc(fields, func(f fact) bool { return f.name == member })
	})
	checkProduced(d, d.find(canonical, "Object Row"), o)
}
