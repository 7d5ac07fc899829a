package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"log/slog"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/probe"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/report"
	"github.com/imednetgo/imednet/workflows/structure"
	"github.com/imednetgo/imednet/workflows/subjects"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/tables"
)

// printing are the methods by which a value becomes text.
var printing = []string{"Error", "String", "Format", "GoString", "LogValue", "MarshalJSON", "MarshalText"}

// printed lists every exported type with such a method.
func printed() []any {
	return []any{
		new(imednet.APIError), new(imednet.Accuracy), new(imednet.Coding), new(imednet.Contradiction), new(imednet.Date), new(imednet.DateInterval), new(imednet.DecodeError), new(imednet.Error), new(imednet.Form), new(imednet.Interval), new(imednet.Job), new(imednet.JobFailedError), new(imednet.JobProgress), new(imednet.JobResults), new(imednet.JobStatus), new(imednet.JobTimeoutError), new(imednet.Number), new(imednet.Opt[string]), new(imednet.Order), new(imednet.PartialDate), new(imednet.Presence), new(imednet.Query), new(imednet.RawReply), new(imednet.QueryComment), new(imednet.Record), new(imednet.RecordData), new(imednet.RecordRevision), new(imednet.ReplyError), new(imednet.RetentionError), new(imednet.Site), new(imednet.Study), new(imednet.StudyConfiguration), new(imednet.Subject), new(imednet.SubjectIndex), new(imednet.Submission), new(imednet.Time), new(imednet.TransportError), new(imednet.User), new(imednet.ValidationError), new(imednet.Value), new(imednet.Variable), new(imednet.Visit), new(imednet.YesNo),
		new(cache.CutReport), new(cache.MassDeletionError), new(cache.PurgeHead), new(cache.PurgeReport), new(cache.PurgeVerification), new(cache.Report), new(cache.ResourceReport), new(cache.ResourcesReport), new(cache.ResourceVerification), new(cache.StudyReport), new(cache.VerifyReport),
		new(cdisc.DiffReport), new(cdisc.ODMReport), new(cdisc.Problem), new(cdisc.Type), new(cdisc.UnfitError),
		new(dictionary.Change), new(dictionary.CheckReport), new(dictionary.Conflict), new(dictionary.Dictionary), new(dictionary.Differences), new(dictionary.EntryProblem), new(dictionary.Finding), new(dictionary.InvalidError), new(dictionary.Joined), new(dictionary.RuleOutside), new(dictionary.Survey),
		new(extraction.CanonicalRow), new(extraction.CanonicalValue), new(extraction.ConformanceReport), new(extraction.ExtractionResult), new(extraction.Finding), new(extraction.Lineage), new(extraction.RejectedRow), new(extraction.Report), new(extraction.RowLineage), new(extraction.RuleFinding), new(extraction.StandardsReadinessReport), new(extraction.SubjectRows),
		new(heads.Store),
		new(imednettest.Fault),
		new(ledger.DamageError), new(ledger.Head), new(ledger.ImportReport), new(ledger.StreamState), new(ledger.Verification),
		new(postgres.LeaseError),
		new(rest.Client),
		new(triage.Export), new(triage.FindingsReport), new(triage.Head), new(triage.ItemError), new(triage.Verification),
		new(versioning.Change), new(versioning.Export), new(versioning.Head), new(versioning.HeadError), new(versioning.ImportReport), new(versioning.Verification),
		new(warehouse.Run), new(warehouse.SchemaChange), new(warehouse.SchemaError), new(warehouse.SilverRun),
		new(criteria.AuditReport), new(criteria.RecordReport),
		new(jobs.PollSummary),
		new(probe.Report),
		new(profiles.DriftFinding), new(profiles.FieldProfile), new(profiles.FormProfile), new(profiles.StudyProfile), new(profiles.ValueCount),
		new(queries.Entry), new(queries.Metrics), new(queries.StateCounts),
		new(report.Report), new(report.Row), new(report.Table),
		new(structure.Change), new(structure.Design),
		new(subjects.PartsError), new(subjects.SubjectComprehensiveData),
		new(submissions.Change), new(submissions.ConflictError), new(submissions.Export), new(submissions.FormRef), new(submissions.IncompleteError), new(submissions.IntervalRef), new(submissions.InvalidRecordsError), new(submissions.Item), new(submissions.LeaseError), new(submissions.PlannedBatch), new(submissions.Receipt), new(submissions.RecordProblem), new(submissions.RegisteredSubject), new(submissions.SiteError), new(submissions.SiteRef), new(submissions.SubjectRef), new(submissions.Verification),
		new(tables.GroupReport), new(tables.MapReport), new(tables.RejectError),
	}
}

// hollow are errors without their cause.
func hollow() []error {
	return []error{
		&imednet.Error{Package: "p", Op: "o"},
		&submissions.ConflictError{Conflicts: make([]submissions.Conflict, 1)},
		&submissions.IncompleteError{Items: make([]submissions.Item, 1)},
		&subjects.PartsError{Failed: make([]subjects.PartFailure, 1)},
	}
}

func typeName(v any) string {
	t := reflect.TypeOf(v).Elem()
	name, _, _ := strings.Cut(t.Name(), "[")
	return strings.TrimPrefix(t.PkgPath(), module) + "." + name
}

// TestEveryZeroValuePrints calls whatever turns an exported type into text: on the zero value, which a
// caller's own fake or test may hold, nothing may panic, and the text of an error is a whole sentence.
func TestEveryZeroValuePrints(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range printed() {
		name := typeName(v)
		listed[name] = true
		assert.NotPanics(t, func() {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
				for _, shown := range []any{v, reflect.ValueOf(v).Elem().Interface()} {
					assert.NotContains(t, fmt.Sprintf(verb, shown), "PANIC", name)
				}
			}
			if s, ok := v.(fmt.Stringer); ok {
				assert.NotContains(t, s.String(), "%!", name)
			}
			if s, ok := v.(slog.LogValuer); ok {
				s.LogValue()
			}
			_, _ = json.Marshal(v) // a reference to nothing is refused, and nothing else matters here
			if err, ok := v.(error); ok {
				assertSentence(t, name, err)
			}
		}, name)
	}
	for _, err := range hollow() {
		assert.NotPanics(t, func() { assertSentence(t, typeName(err), err) }, typeName(err))
	}
	for name := range typesThatPrint(t) {
		assert.True(t, listed[name], "%s is not among printed", name)
	}
}

// unfinished is what an error's text has where a part of it is missing.
var unfinished = regexp.MustCompile(`<nil>|%!|  | [:;,.)]|\( |[:;,] ?[:;,]|[:;,(] *$|^[ :;,]|\b(in|of|by|for|from|state|study|file) *([:;,)]|$)`)

func assertSentence(t *testing.T, name string, err error) {
	assert.NotEmpty(t, err.Error(), name)
	assert.NotRegexp(t, unfinished, err.Error(), name)
	assert.NotErrorIs(t, err, errOther, name)
	assert.False(t, errors.As(err, new(*imednet.DecodeError)) && name != ".DecodeError", name)
	if once, ok := err.(interface{ Unwrap() error }); ok && once.Unwrap() != nil {
		assert.NotEmpty(t, once.Unwrap().Error(), name)
	}
	imednet.Retryable(err)
}

var errOther = errors.New("another error")

// typesThatPrint reads the exported types with such a method from the sources.
func typesThatPrint(t *testing.T) map[string]bool {
	all := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() || s.isNested() || s.file.Name.Name == "main" {
			continue
		}
		for _, decl := range s.file.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if ok && d.Recv != nil && ast.IsExported(receiver(d)) && slices.Contains(printing, d.Name.Name) && !isGetter(d) {
				all[strings.TrimSuffix(path.Join("/", s.dir), "/")+"."+receiver(d)] = true
			}
		}
	}
	return all
}

// isGetter reports a method that is only named like fmt's.
func isGetter(d *ast.FuncDecl) bool { return d.Name.Name == "Format" && d.Type.Params.NumFields() == 0 }
