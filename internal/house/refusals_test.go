package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/tables"
)

// named are the parameters that must not be blank: they name a file or one thing in the study.
var named = []string{"path", "dir", "to", "studyKey", "study", "subjectKey", "siteName", "formKey", "stream", "commitID", "commitA", "commitB", "itemID", "submissionID", "batchID", "userID"}

// anyNumber are numbers that are no sizes: ids, versions, positions.
var anyNumber = []string{"recordID", "version", "since", "after", "fence", "row", "column", "id", "formID", "Version", "After", "Tolerance", "Window"}

// accepted are arguments that look wrong and have a meaning.
var accepted = map[string]string{
	"cache.NewDatabaseLoader client nil":                                             "opens the mirror read-only",
	"cache.NewCachedRecordsLoader client nil":                                        "opens the mirror read-only",
	"dictionary.ReadTables opts negative MaxBytes":                                   "the tables are in memory already",
	"ledger.FileStore.Runs f negative Limit":                                         "a store is called by the ledger, which has checked it",
	"ledger.MemoryStore.Runs f negative Limit":                                       "a store is called by the ledger, which has checked it",
	"ledger.SQLiteStore.Runs f negative Limit":                                       "a store is called by the ledger, which has checked it",
	"workflows/submissions.RegisterSubjects.DryRun opts negative MaxItems":           "the subjects are checked first",
	"workflows/submissions.RegisterSubjects.DryRun opts negative MaxBytes":           "the subjects are checked first",
	"workflows/submissions.RegisterSubjects.RegisterSubjects opts negative MaxItems": "the subjects are checked first",
	"workflows/submissions.RegisterSubjects.RegisterSubjects opts negative MaxBytes": "the subjects are checked first",
	"cache.View.Job studyKey":                                                        "a view cannot submit, whatever the study",
	"cache.View.SubmitRecords studyKey":                                              "a view cannot submit, whatever the study",
	"cache.CachedRecordsLoader.VerifyCut kept nil":                                   "no manifest was kept",
	"ledger.ExtractionStateLedger.DeleteEntry stream":                                "blank means all streams of the study",
	"rest.Client.ProbeRows studyKey":                                                 "the resource that is tried cannot be counted",
	"imednettest.Client.ProbeRows studyKey":                                          "the resource that is tried cannot be counted",
	"workflows/submissions.MemoryJournal.Claims studyKey":                            "a journal is called by the workflow, which has checked the study",
	"workflows/submissions/sqlitejournal.Journal.Claims studyKey":                    "a journal is called by the workflow, which has checked the study",
}

// TestEveryFunctionRefusesWhatCannotBe calls the functions and methods of all public packages with
// one argument that cannot be: nil, a nil pointer in an interface, a blank name, a negative size.
// Whatever can fail must then fail with an *imednet.ValidationError; nothing may panic.
func TestEveryFunctionRefusesWhatCannotBe(t *testing.T) {
	c := newRefusals(t)
	for _, f := range publicFunctions() {
		c.try(functionName(f), func() reflect.Value { return reflect.ValueOf(f) })
	}
	for name, make := range c.receivers() {
		typ := reflect.TypeOf(make())
		for i := range typ.NumMethod() {
			if typ.Method(i).Name == "Format" {
				continue // fmt calls it
			}
			c.try(name+"."+typ.Method(i).Name, func() reflect.Value { return reflect.ValueOf(make()).Method(i) })
		}
	}
	for name := range c.parameters {
		if name.fallible && !strings.HasPrefix(name.name, "..") && !c.tried[name.name] && unreachable[name.name] == "" && unreachable[name.owner()] == "" {
			t.Errorf("%s is not among publicFunctions or receivers", name.name)
		}
	}
}

type refusals struct {
	t          *testing.T
	client     *imednettest.Client
	store      *ledger.MemoryStore
	parameters map[signature][]string
	names      map[string][]string
	tried      map[string]bool
}

func newRefusals(t *testing.T) *refusals {
	store, err := ledger.NewMemoryStore()
	require.NoError(t, err)
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 10})).Client()
	c := &refusals{t, client, store, map[signature][]string{}, map[string][]string{}, map[string]bool{}}
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() || s.isNested() {
			continue
		}
		for signature, parameters := range signatures(s) {
			c.parameters[signature], c.names[signature.name] = parameters, parameters
		}
	}
	return c
}

func functionName(f any) string {
	name := strings.TrimPrefix(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name(), module)
	name = strings.TrimPrefix(strings.TrimSuffix(name, "[...]"), "/")
	if strings.HasPrefix(name, ".") {
		return "." + name // the root, whose directory is "."
	}
	return name
}

// try calls a function once with each wrong argument.
func (c *refusals) try(name string, f func() reflect.Value) {
	c.tried[name] = true
	parameters, typ := c.names[name], f().Type()
	for i, parameter := range parameters {
		if typ.IsVariadic() && i == typ.NumIn()-1 {
			continue
		}
		for _, wrong := range c.wrong(parameter, typ.In(i)) {
			at := strings.TrimSuffix(name+" "+parameter+" "+wrong.what, " blank")
			if accepted[at] != "" {
				continue
			}
			err := c.call(f(), parameters, i, wrong.value)
			var invalid *imednet.ValidationError
			if !errors.Is(err, errCannotFail) {
				assert.ErrorAs(c.t, err, &invalid, at)
			}
		}
	}
}

type wrongValue struct {
	what  string
	value reflect.Value
}

// wrong lists the values that a parameter of a name and type cannot have.
func (c *refusals) wrong(name string, typ reflect.Type) []wrongValue {
	zero := reflect.Zero(typ)
	switch {
	case typ == reflect.TypeFor[context.Context](), typ == reflect.TypeFor[error](), typ == reflect.TypeFor[any]():
		return nil
	case typ.Kind() == reflect.Interface:
		all := []wrongValue{{"nil", zero}}
		if good := c.good(name, typ); good.Kind() == reflect.Pointer {
			all = append(all, wrongValue{"nil pointer", reflect.Zero(good.Type())})
		}
		return all
	case typ.Kind() == reflect.Func, typ.Kind() == reflect.Pointer:
		return []wrongValue{{"nil", zero}}
	case typ.Kind() == reflect.String && slices.Contains(named, name):
		return []wrongValue{{"blank", zero}, {"blank", reflect.ValueOf(" \u00a0").Convert(typ)}}
	case isSize(name, zero):
		return []wrongValue{{"negative", reflect.ValueOf(-1).Convert(typ)}}
	case typ.Kind() == reflect.Struct && (strings.HasSuffix(typ.Name(), "Options") || strings.HasSuffix(typ.Name(), "Filter")):
		return negativeFields(typ)
	}
	return nil
}

func isSize(name string, zero reflect.Value) bool {
	return (zero.CanInt() || zero.CanFloat()) && !slices.Contains(anyNumber, name)
}

func negativeFields(typ reflect.Type) []wrongValue {
	var all []wrongValue
	for i := range typ.NumField() {
		field := typ.Field(i)
		if !field.IsExported() || !isSize(field.Name, reflect.Zero(field.Type)) {
			continue
		}
		value := reflect.New(typ).Elem()
		value.Field(i).Set(reflect.ValueOf(-1).Convert(field.Type))
		all = append(all, wrongValue{"negative " + field.Name, value})
	}
	return all
}

// good is an argument that a function can use.
func (c *refusals) good(name string, typ reflect.Type) reflect.Value {
	for _, known := range []any{imednettest.NewClock(time.Unix(0, 0)), c.client, c.store, strings.NewReader("{}"), io.Discard} {
		if typ.Kind() == reflect.Interface && reflect.TypeOf(known).Implements(typ) {
			return reflect.ValueOf(known)
		}
	}
	switch {
	case typ == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(c.t.Context())
	case typ == reflect.TypeFor[*tables.RecordMapper]():
		mapper, err := tables.NewRecordMapper(c.client)
		require.NoError(c.t, err)
		return reflect.ValueOf(mapper)
	case typ == reflect.TypeFor[[]imednet.Submission]():
		return reflect.ValueOf([]imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{}}})
	case typ == reflect.TypeFor[submissions.FormRef]():
		return reflect.ValueOf(submissions.FormByKey("AE"))
	case typ == reflect.TypeFor[submissions.SubjectRef]():
		return reflect.ValueOf(submissions.SubjectByKey("01-001"))
	case typ == reflect.TypeFor[submissions.SiteRef]():
		return reflect.ValueOf(submissions.SiteByID(1))
	case typ == reflect.TypeFor[submissions.IntervalRef]():
		return reflect.ValueOf(submissions.IntervalByName("Week 1"))
	case typ.Kind() == reflect.Func:
		return reflect.MakeFunc(typ, func([]reflect.Value) (out []reflect.Value) {
			for i := range typ.NumOut() {
				out = append(out, reflect.Zero(typ.Out(i)))
			}
			return out
		})
	case typ.Kind() == reflect.String && slices.Contains([]string{"path", "dir", "to", "name"}, name):
		return reflect.ValueOf(c.path()).Convert(typ)
	case typ.Kind() == reflect.String && strings.HasPrefix(name, "study"):
		return reflect.ValueOf("DEMO").Convert(typ)
	case typ.Kind() == reflect.String:
		return reflect.ValueOf("x").Convert(typ)
	case typ == reflect.TypeFor[[]string]():
		return reflect.ValueOf([]string{"DEMO"})
	case typ.Kind() == reflect.Pointer:
		return reflect.New(typ.Elem())
	case reflect.Zero(typ).CanInt():
		return reflect.ValueOf(1).Convert(typ)
	}
	return reflect.Zero(typ)
}

func (c *refusals) path() string { return filepath.Join(c.t.TempDir(), "file") }

var errCannotFail = errors.New("the function returns no error")

// call calls a function with one wrong argument and returns its error. A panic is one too.
func (c *refusals) call(f reflect.Value, parameters []string, wrongAt int, wrong reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	var args []reflect.Value
	for i := range f.Type().NumIn() {
		if f.Type().IsVariadic() && i == f.Type().NumIn()-1 {
			break
		}
		if i == wrongAt {
			args = append(args, wrong)
			continue
		}
		args = append(args, c.good(parameters[i], f.Type().In(i)))
	}
	return c.failure(f.Call(args))
}

// failure is the error of what a function returned: of a listing its first one, of an option that of
// the constructor which gets it, of a run that of its rows.
func (c *refusals) failure(out []reflect.Value) error {
	if len(out) == 0 {
		return errCannotFail
	}
	last := out[len(out)-1]
	if last.Type() == reflect.TypeFor[error]() {
		err, _ := last.Interface().(error)
		return err
	}
	if last.Kind() == reflect.Func && last.Type().NumIn() == 1 {
		switch in := last.Type().In(0); {
		case in.Kind() == reflect.Pointer && strings.HasSuffix(last.Type().Name(), "Option"):
			return c.failure(last.Call([]reflect.Value{reflect.New(in.Elem())}))
		case in.Kind() == reflect.Func && in.NumIn() == 2 && in.In(1) == reflect.TypeFor[error]():
			return firstError(last)
		}
	}
	switch x := last.Interface().(type) {
	case cache.Option:
		_, err := cache.NewCachedRecordsLoader(c.t.Context(), c.client, c.path(), x)
		return err
	case cache.WorkerOption:
		loader, err := cache.NewCachedRecordsLoader(c.t.Context(), c.client, c.path())
		require.NoError(c.t, err)
		defer loader.Close()
		_, err = cache.NewSyncWorker(loader, []string{"DEMO"}, x)
		return err
	case ledger.Option:
		_, err := ledger.NewExtractionStateLedger(c.store, x)
		return err
	case ledger.StoreOption:
		_, err := ledger.NewMemoryStore(x)
		return err
	case *extraction.Run:
		return firstError(reflect.ValueOf(x.Subjects()))
	}
	if last.Kind() == reflect.Pointer && strings.HasSuffix(last.Type().Elem().Name(), "Run") {
		for i := range last.NumMethod() {
			if m := last.Method(i).Type(); m.NumIn() == 0 && m.NumOut() == 1 && m.Out(0).Kind() == reflect.Func {
				return firstError(last.Method(i).Call(nil)[0])
			}
		}
	}
	return errCannotFail
}

func firstError(rows reflect.Value) error {
	for _, err := range rows.Seq2() {
		if !err.IsNil() {
			return err.Interface().(error)
		}
	}
	return nil
}
