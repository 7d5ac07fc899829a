package house

import (
	"go/ast"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/probe"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/report"
	"github.com/imednetgo/imednet/workflows/structure"
	"github.com/imednetgo/imednet/workflows/subjects"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
	"github.com/imednetgo/imednet/workflows/tables"
)

// signature names a function, and says whether it has parameters and can report an error: by
// itself, by the option that it returns, or by the rows.
type signature struct {
	name     string
	fallible bool
}

// owner is the type of a method, with its package.
func (s signature) owner() string { return s.name[:strings.LastIndex(s.name, ".")] }

// signatures lists the exported functions and methods of a file with the names of their parameters.
func signatures(s source) map[signature][]string {
	all := map[signature][]string{}
	for _, decl := range s.file.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok || !d.Name.IsExported() || d.Recv != nil && !exportedReceiver(d) {
			continue
		}
		name := s.dir + "." + d.Name.Name
		if d.Recv != nil {
			name = s.dir + "." + receiver(d) + "." + d.Name.Name
		}
		parameters, takes := []string{}, false
		for _, p := range d.Type.Params.List {
			if len(p.Names) == 0 {
				parameters = append(parameters, "_")
			}
			takes = takes || !isContext(p.Type)
			for _, n := range p.Names {
				parameters = append(parameters, n.Name)
			}
		}
		all[signature{name, takes && canFail(d)}] = parameters
	}
	return all
}

func isContext(typ ast.Expr) bool {
	selector, ok := typ.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Context"
}

func canFail(d *ast.FuncDecl) bool {
	if d.Type.Results == nil {
		return false
	}
	results := d.Type.Results.List
	switch last := results[len(results)-1].Type.(type) {
	case *ast.Ident:
		return last.Name == "error" || strings.HasSuffix(last.Name, "Option")
	case *ast.IndexListExpr:
		second, ok := last.Indices[1].(*ast.Ident)
		return ok && second.Name == "error"
	case *ast.StarExpr:
		typ, ok := last.X.(*ast.Ident)
		return ok && strings.HasSuffix(typ.Name, "Run")
	}
	return false
}

// unreachable are functions and types that are not called here, with the reason.
var unreachable = map[string]string{
	"cache/cachetest.Task":              "what a test's child process does",
	"cache.SyncWorker":                  "Stop and Run take a context alone",
	"cdisc/datasets.Set":                "takes a configuration",
	"extraction.ProfileRegistry":        "takes profiles and their names",
	"extraction.RecordList":             "a list in memory, of any study",
	"imednettest.Clock":                 "a clock of tests",
	"imednettest.Connection":            "a fault of the network, played by tests",
	"imednettest.Fault":                 "reads JSON",
	"imednettest.Rows":                  "a listing of what it is given",
	"imednettest.Server":                "the scenario's own check",
	"imednettest.Study":                 "edits by tests, of rows that must exist",
	"imednettest.Unimplemented":         "fails whatever it is given",
	"ledger.DatabaseStore":              "needs a database: the tests of postgres call it",
	"ledger.Metadata":                   "any values",
	"ledger.StreamState":                "reads JSON",
	"pipeline.TableWriter":              "any values, and rows of a schema that is checked",
	"postgres.DB":                       "needs a server: the tests of postgres call it",
	"rest.FromEnv":                      "takes options alone, as rest.New",
	"versioning.Patch":                  "a document that is checked",
	"workflows/submissions.Preparation": "what a journal is called with",
	"workflows/submissions.Resumed":     "takes a flag",
}

func publicFunctions() []any {
	return []any{
		arrow18.Batches, arrow18.DataType, arrow18.FromDataType, arrow18.FromReader, arrow18.FromRecord, arrow18.FromSchema, arrow18.Reader, arrow18.Record, arrow18.Schema,
		imednet.Decode[imednet.Record], imednet.EncodeSubmissions, imednet.NewFormIndex, imednet.NewSubjectIndex, imednet.Sign, imednet.ParseStudyConfiguration,
		cache.StatusHandler, cache.NewCachedRecordsLoader, cache.NewDatabaseLoader, cache.ParsePurgeHead, cache.NewSyncWorker, cache.WithClock, cache.WithClockTolerance, cache.WithLockTimeout, cache.WithOverlap, cache.WithPageSize, cache.WithProgress, cache.WithRetention,
		cache.WithBackoff, cache.WithBreaker, cache.WithConcurrency, cache.WithEvents, cache.WithInterval, cache.WithJitter, cache.WithMarkLedger, cache.WithRandom, cache.WithResourcesEvery, cache.WithSweepEvery,
		cdisc.WriteDatasetJSON, cdisc.WriteDefine, cdisc.WriteXPT, cdisc.Diff, cdisc.OpenFile, cdisc.NewJSONReader, cdisc.Export, cdisc.WriteODM, cdisc.WithEncoding, cdisc.NewSurvey, cdisc.NewXPTReader,
		datasets.Open,
		dictionary.WriteHTML, dictionary.WriteMarkdown, dictionary.Diff, dictionary.SameStudy, dictionary.NewChecker, dictionary.OpenTrialProgress, dictionary.WithClock, dictionary.WithSurroundings, dictionary.WithRole, dictionary.Read, dictionary.Files, dictionary.ReadFiles, dictionary.CheckFiles, dictionary.ReadTables, dictionary.ReadZIP, dictionary.ReadToolkit,
		extraction.CheckExpression, extraction.Explain, extraction.NewConformance, extraction.WithClock, extraction.WithFindingLimit, extraction.NewEngine, extraction.WithCommit, extraction.WithStructure, extraction.ExtractCanonicalRecords, extraction.ParseProfile, extraction.ReadStructure,
		imednettest.ReadScenario, imednettest.ScenarioOf, imednettest.LoadDir,
		heads.Open,
		ledger.WithAuthor, ledger.WithClock, ledger.NewExtractionStateLedger, ledger.OpenFile, ledger.NewMemoryStore, ledger.WithLockTimeout, ledger.OpenSQLite, ledger.NewDatabaseStore, ledger.Copy, ledger.WithCommitTimeout, ledger.WithHistoryLimit, ledger.WithWholeHistory,
		pipeline.DataSetDir, pipeline.Recover, pipeline.Remove, pipeline.SchemaHash, pipeline.New, pipeline.ReadManifest, pipeline.WithChunkRows, pipeline.WithClock, pipeline.WithProgress,
		pipeline.IterChunks[int], pipeline.MapChunks[int, int],
		postgres.Assign, postgres.Open, postgres.WithClock, postgres.WithConnections, postgres.WithSchema, postgres.WithStatementTimeout, postgres.WithWait, postgres.WithWaitToOpen,
		rest.New, rest.WithBaseURL, rest.WithCapabilities, rest.WithClock, rest.WithHTTPClient, rest.WithLogger, rest.WithLookAhead, rest.WithMaxBodyBytes, rest.WithPageSize, rest.WithRateLimit, rest.WithRetry, rest.WithTimeout,
		triage.FingerprintOf, triage.ReadFindings, triage.ParseHead, triage.WithAuthorizer, triage.WithClock, triage.WithClockTolerance, triage.WithIDs, triage.WithIdentity, triage.WithImport, triage.WithSeverities, triage.WithWait, triage.NewTriageStore, triage.NewDatabaseStore,
		versioning.Canonical, versioning.NewConfigVersionStore, versioning.NewDatabaseStore, versioning.CompareConfigs, versioning.CanonicalDocument, versioning.ParseHead, versioning.WithAuthorizer, versioning.WithClock, versioning.WithClockTolerance, versioning.WithIDs, versioning.WithIdentity, versioning.WithImport, versioning.WithWait,
		warehouse.Backup, warehouse.OpenReadOnly, warehouse.ReadOrigins, warehouse.SilverSchema, warehouse.NewDuckDBIngestion, warehouse.NewDuckDBIngestionDB, warehouse.WithClock, warehouse.WithLedger, warehouse.WithMemoryLimit, warehouse.WithProgress, warehouse.WithTempDirectory, warehouse.WithThreads,
		workflows.NewWorkflows,
		criteria.NewDataExtraction, criteria.WithSubjectFanOut,
		jobs.NewJobPoller, jobs.WithClock, jobs.WithRandom,
		profiles.Compare, profiles.WithClock, profiles.WithProgress, profiles.NewSchemaProfiler, profiles.Read,
		probe.NewServerProbe, probe.WithClock, probe.WithLimit, probe.WithPause, probe.WithTestStudy,
		queries.WithClock, queries.WithRecords, queries.NewQueryManagement,
		report.AdverseEventForms, report.WithClock, report.WithProgress, report.NewStudyReport,
		structure.Compare, structure.CountRecords, structure.Read, structure.WriteHTML, structure.WriteImpactHTML, structure.NewStudyStructure,
		subjects.NewSubjectData,
		submissions.FormByID, submissions.NewMemoryJournal, submissions.WithClock, submissions.WithHolder, submissions.WithIDs, submissions.WithJobWaiter, submissions.WithJournal, submissions.WithLease, submissions.WithSchemaCache, submissions.WithSettleDelay, submissions.NewRecordUpdate, submissions.NewRegisterSubjects, submissions.NewSchemaCache,
		sqlitejournal.Open, sqlitejournal.WithClock,
		tables.CountGroups, tables.WithAllocator, tables.WithBatchBytes, tables.WithBatchRows, tables.WithDeidentification, tables.WithProgress, tables.ParsePlan, tables.NewRecordMapper,
	}
}

func (c *refusals) receivers() map[string]func() any {
	t, ctx := c.t, c.t.Context()
	path := c.path
	loader := must(t)(cache.NewCachedRecordsLoader(ctx, c.client, path())).(*cache.CachedRecordsLoader)
	_, err := loader.SyncStudy(ctx, "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	keep := func(v any) func() any { return func() any { return v } }
	duck := must(t)(warehouse.NewDuckDBIngestion(ctx, path()))
	engine := must(t)(extraction.NewEngine(imednet.StudyConfiguration{StudyKey: "DEMO"})).(*extraction.Engine)
	rc := must(t)(rest.New("a", "b", rest.WithBaseURL("http://127.0.0.1:1"), rest.WithRetry(rest.RetryPolicy{})))
	return map[string]func() any{
		"cache.CachedRecordsLoader":                   keep(loader),
		"cache.View":                                  keep(loader.Client()),
		"cache.WorkerStatus":                          keep(cache.WorkerStatus{}),
		"dictionary.Checker":                          keep(must(t)(dictionary.NewChecker(&dictionary.Dictionary{}))),
		"dictionary.Joined":                           keep(must(t)((&dictionary.Dictionary{}).Join(nil, nil, dictionary.JoinOptions{}))),
		"dictionary.Surveyor":                         keep(must(t)(must(t)((&dictionary.Dictionary{}).Join(nil, nil, dictionary.JoinOptions{})).(*dictionary.Joined).Surveyor(must(t)(dictionary.NewChecker(&dictionary.Dictionary{})).(*dictionary.Checker)))),
		"dictionary.Translator":                       keep(must(t)(must(t)((&dictionary.Dictionary{}).Join(nil, nil, dictionary.JoinOptions{})).(*dictionary.Joined).Translator("text"))),
		"dictionary.Dictionary":                       keep(&dictionary.Dictionary{}),
		"dictionary.Table":                            keep(&dictionary.Table{}),
		"dictionary.ToolkitDocument":                  keep(&dictionary.ToolkitDocument{}),
		"extraction.Engine":                           keep(engine),
		"extraction.Run":                              func() any { return engine.Run(ctx, c.client, extraction.Options{}) },
		"heads.Dir":                                   keep(heads.Dir(path())),
		"heads.Kept":                                  keep(&heads.Kept{}),
		"heads.Keeper":                                keep(&heads.Keeper{}),
		"imednettest.Client":                          keep(c.client),
		"ledger.ExtractionStateLedger":                keep(must(t)(ledger.NewExtractionStateLedger(c.store))),
		"ledger.FileStore":                            keep(must(t)(ledger.OpenFile(path()))),
		"ledger.SQLiteStore":                          keep(must(t)(ledger.OpenSQLite(ctx, path()))),
		"ledger.MemoryStore":                          keep(c.store),
		"pipeline.ChunkedRecordPipeline":              keep(must(t)(pipeline.New())),
		"pipeline.Manifest":                           keep(&pipeline.Manifest{}),
		"rest.Client":                                 keep(rc),
		"triage.TriageStore":                          keep(must(t)(triage.NewTriageStore(ctx, path()))),
		"versioning.ConfigVersionStore":               keep(must(t)(versioning.NewConfigVersionStore(ctx, path()))),
		"warehouse.DuckDBIngestion":                   keep(duck),
		"workflows/criteria.DataExtraction":           keep(must(t)(criteria.NewDataExtraction(c.client))),
		"workflows/jobs.JobPoller":                    keep(must(t)(jobs.NewJobPoller(c.client))),
		"workflows/probe.Report":                      keep(&probe.Report{}),
		"workflows/probe.ServerProbe":                 keep(must(t)(probe.NewServerProbe(rc.(*rest.Client)))),
		"workflows/profiles.SchemaProfiler":           keep(must(t)(profiles.NewSchemaProfiler(c.client))),
		"workflows/profiles.StudyProfile":             keep(&profiles.StudyProfile{}),
		"workflows/queries.QueryManagement":           keep(must(t)(queries.NewQueryManagement(c.client))),
		"workflows/report.StudyReport":                keep(must(t)(report.NewStudyReport(c.client))),
		"workflows/report.Report":                     keep(&report.Report{}),
		"workflows/structure.Design":                  keep(&structure.Design{}),
		"workflows/structure.StudyStructure":          keep(must(t)(structure.NewStudyStructure(c.client))),
		"workflows/subjects.SubjectData":              keep(must(t)(subjects.NewSubjectData(c.client))),
		"workflows/submissions.MemoryJournal":         keep(must(t)(submissions.NewMemoryJournal(imednet.SystemClock()))),
		"workflows/submissions.RecordUpdate":          keep(must(t)(submissions.NewRecordUpdate(c.client))),
		"workflows/submissions.RegisterSubjects":      keep(must(t)(submissions.NewRegisterSubjects(c.client))),
		"workflows/submissions.SchemaCache":           keep(must(t)(submissions.NewSchemaCache(c.client))),
		"workflows/submissions/sqlitejournal.Journal": keep(must(t)(sqlitejournal.Open(ctx, path()))),
		"workflows/tables.RecordMapper":               keep(must(t)(tables.NewRecordMapper(c.client))),
		"workflows/tables.Plan":                       keep(&tables.Plan{}),
		"workflows/tables.RejectList":                 keep(&tables.RejectList{}),
	}
}

func must(t *testing.T) func(v any, err error) any {
	return func(v any, err error) any {
		require.NoError(t, err)
		return v
	}
}
