package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

func newWarehouse(a *app) *cobra.Command {
	cmd := parent("warehouse", "Store studies in DuckDB and query them", newWarehouseIngest(a), newWarehouseSilver(a), newWarehouseQuery(a))
	cmd.GroupID = groupState
	return cmd
}

// warehouseOptions say where the DuckDB file is and how much DuckDB may use.
type warehouseOptions struct{ path, memory, temp string }

func (o *warehouseOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.path, "db", "", "the DuckDB `file` (default ~/.imednet/warehouse.duckdb)")
	cmd.Flags().StringVar(&o.memory, "memory-limit", "", "memory limit of DuckDB, such as 512MB (`size`; default most of the memory)")
	cmd.Flags().StringVar(&o.temp, "temp-dir", "", "`directory` to which DuckDB spills (default next to the file)")
}

// limits are the options of the package for what the flags, or else the configuration file, say.
func (a *app) limits(o warehouseOptions) []warehouse.Option {
	var opts []warehouse.Option
	if memory := cmp.Or(o.memory, a.settings.WarehouseRAM); memory != "" {
		opts = append(opts, warehouse.WithMemoryLimit(memory))
	}
	if temp := cmp.Or(o.temp, a.settings.WarehouseTemp); temp != "" {
		opts = append(opts, warehouse.WithTempDirectory(temp))
	}
	return opts
}

// withWarehouse runs do over the DuckDB file, which is made if there is none.
func (a *app) withWarehouse(ctx context.Context, o warehouseOptions, do func(*warehouse.DuckDBIngestion) error) error {
	bar := a.progress()
	defer bar.finish()
	path := cmp.Or(o.path, a.settings.Warehouse)
	if strings.HasPrefix(strings.ToLower(path), ":memory:") {
		return usagef("the warehouse %s would be gone when the command ends: name a file", path)
	}
	db, err := warehouse.NewDuckDBIngestion(ctx, path, append(a.limits(o), warehouse.WithProgress(bar.report))...)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

func newWarehouseIngest(a *app) *cobra.Command {
	var db warehouseOptions
	var mirror string
	var cached, replace, allow bool
	cmd := &cobra.Command{
		Use:   "ingest STUDY",
		Short: "Ingest records with their history and related resources",
		Long: `Ingest records with their history, the audit trail, and the resources to which they
refer. With --cached everything comes from the mirror, the records with every state that it
saw, and what the sync accepted as gone. A resource that the API keys are not permitted to read, or that the mirror does
not hold, is left out and named. All of it is one transaction: an interrupted run
leaves nothing behind. Repeating it ingests only what is new.`,
		Example:     "  imednet warehouse ingest CARDIO\n  imednet sync CARDIO && imednet warehouse ingest CARDIO --cached",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "nothing was changed; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			mode := warehouse.Append
			if replace {
				mode = warehouse.Replace
			}
			return a.withSource(cmd.Context(), sourceOptions{cached: cached, path: mirror}, func(s studySource) error {
				return a.withWarehouse(cmd.Context(), db, func(w *warehouse.DuckDBIngestion) error {
					return a.ingest(cmd.Context(), w, s, args[0], warehouse.StudyOptions{Mode: mode, Absent: notInMirror, AllowMassDeletion: allow || cached})
				})
			})
		},
	}
	db.flags(cmd)
	cmd.Flags().BoolVar(&cached, "cached", false, "read the mirror, without contacting the server")
	cacheFlag(cmd, &mirror)
	cmd.Flags().BoolVar(&replace, "replace", false, "ingest all records again, for example after the mirror was rebuilt")
	massDeletionFlag(cmd, &allow)
	return cmd
}

func massDeletionFlag(cmd *cobra.Command, allow *bool) {
	cmd.Flags().BoolVar(allow, "allow-mass-deletion", false, "accept that a large share of the rows is gone; with --cached the sync has decided")
}

func (a *app) ingest(ctx context.Context, db *warehouse.DuckDBIngestion, source studySource, study string, o warehouse.StudyOptions) error {
	runs, err := db.IngestStudy(ctx, source, study, o)
	a.endProgress()
	if err != nil {
		return err
	}
	return a.printRuns(runs)
}

// runJSON is one run of the warehouse: Read = Inserted + Unchanged + Rejected.
type runJSON struct {
	StudyKey     string `json:"studyKey"`
	Stream       string `json:"stream"`
	Read         int64  `json:"read"`
	Inserted     int64  `json:"inserted"`
	Unchanged    int64  `json:"unchanged"`
	Rejected     int64  `json:"rejected"`
	Removed      int64  `json:"removed"`
	CellsChanged int64  `json:"cellsChanged"`
	Position     int64  `json:"position"`
	LeftOut      string `json:"leftOut,omitempty"` // why the stream was not read
}

func (a *app) printRuns(runs []warehouse.Run) error {
	out := []runJSON{}
	for _, r := range runs {
		out = append(out, runJSON{r.StudyKey, r.Stream, r.Read, r.Inserted, r.Unchanged, r.Rejected, r.Removed, r.CellsChanged, r.Position, r.LeftOut})
	}
	if a.json {
		return a.writeJSON(out)
	}
	for _, r := range out {
		if r.LeftOut != "" {
			fmt.Fprintf(a.errOut, "%s: left out: %s; what the warehouse held of it stays\n", r.Stream, r.LeftOut)
		}
	}
	t := newTable(a.out, "STREAM", "READ", "NEW", "UNCHANGED", "REJECTED", "REMOVED", "CELLS")
	for _, r := range out {
		if err := t.add(r.Stream, number(r.Read), number(r.Inserted), number(r.Unchanged), number(r.Rejected), number(r.Removed), number(r.CellsChanged)); err != nil {
			return err
		}
	}
	return t.flush()
}

func newWarehouseSilver(a *app) *cobra.Command {
	var db warehouseOptions
	var source sourceOptions
	var freeze, allow bool
	cmd := &cobra.Command{
		Use:   "silver STUDY",
		Short: "Build a typed table for each form",
		Long: `Build a typed table for each form, in the schema silver_STUDY. If the forms have
changed, the tables change with them, unless --freeze is given. If most of the
records, forms or variables are gone, the tables stay as they are.`,
		Example:     "  imednet warehouse silver CARDIO --cached\n  imednet warehouse query 'SELECT count(*) FROM silver_CARDIO.AE'",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the previous tables are unchanged; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o := warehouse.SilverOptions{AllowMassDeletion: allow || source.cached}
			if freeze {
				o.Evolution = warehouse.Freeze
			}
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				return a.withWarehouse(cmd.Context(), db, func(w *warehouse.DuckDBIngestion) error {
					return a.silver(cmd.Context(), w, s, args[0], o)
				})
			})
		},
	}
	db.flags(cmd)
	source.flags(cmd)
	cmd.Flags().BoolVar(&freeze, "freeze", false, "fail if the forms have changed")
	massDeletionFlag(cmd, &allow)
	return cmd
}

func buildSilver(ctx context.Context, db *warehouse.DuckDBIngestion, source studySource, study string, o warehouse.SilverOptions) (warehouse.SilverRun, error) {
	mapper, err := tables.NewRecordMapper(source)
	if err != nil {
		return warehouse.SilverRun{}, err
	}
	return db.BuildSilverTables(ctx, mapper, study, o)
}

func (a *app) silver(ctx context.Context, db *warehouse.DuckDBIngestion, source studySource, study string, o warehouse.SilverOptions) error {
	run, err := buildSilver(ctx, db, source, study, o)
	if err != nil {
		return err
	}
	a.endProgress()
	schema := warehouse.SilverSchema(study)
	if len(run.Tables) > 0 {
		schema = run.Tables[0].Schema
	}
	if a.json {
		return a.writeJSON(map[string]any{"studyKey": study, "schema": schema, "tables": run.Tables, "report": run.Map, "changes": append([]warehouse.SchemaChange{}, run.Changes...)})
	}
	m := run.Map
	for _, c := range run.Changes {
		if err := a.printf("%s\n", printable(c.String())); err != nil {
			return err
		}
	}
	err = a.printf("%d tables in schema %s\n%d records = %d rows + %d rejected + %d deleted; %d values did not fit\n",
		len(run.Tables), schema, m.Records, m.Rows, m.RecordsRejected, m.Deleted, m.Rejected)
	return errors.Join(err, a.printDoubtful(m.Doubtful))
}
