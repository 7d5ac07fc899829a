package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/program"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/warehouse"
)

// planTask is how one kind of output is made. The commands that make it alone use the same options.
type planTask interface {
	// settings identifies the options, what the files say that they name, and all else that the output
	// is made from beside the study.
	settings(ctx context.Context, a *app, out planOutput) (string, error)
	// stands reads what is in the output's place, that of the wanted version.
	stands(ctx context.Context, a *app, out planOutput, place string) (madeOutput, error)
	// make makes the output of one moment of its study, and describes it.
	make(ctx context.Context, a *app, moment *cache.View, out planOutput, place string, recipe pipeline.Recipe) (madeOutput, error)
}

// checkedTask is a task of which it can be told before what makes it fail, such as names that the study does not have.
type checkedTask interface {
	check(ctx context.Context, a *app, moment *cache.View, out planOutput) error
}

// fileTask is a task that gives a data set.
type fileTask interface {
	planTask
	where() (fileOptions, pipeline.Layout)
}

// placeOf is where what is made of a version of the mirror stands.
func (out planOutput) placeOf(version imednet.MirrorVersion) string {
	if out.keep == 0 {
		return out.place
	}
	return filepath.Join(out.place, fmt.Sprintf("v%06d", version))
}

// fingerprint is the HMAC-SHA-256 of a value as JSON. Under a secret it tells nothing to those who have
// only the data set.
func fingerprint(secret []byte, v any) (string, error) {
	document, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := hmac.New(sha256.New, secret)
	sum.Write(document)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

type exportTask struct{ options exportOptions }

func (t *exportTask) where() (fileOptions, pipeline.Layout) {
	return t.options.files, pipeline.Layout(t.options.layout)
}

func (t *exportTask) settings(context.Context, *app, planOutput) (string, error) {
	o, s := t.options, t.options.records
	var secret, columns []byte
	var err error
	if o.keyFile != "" {
		if secret, err = os.ReadFile(o.keyFile); err != nil {
			return "", err
		}
	}
	if s.plan != "" {
		plan, err := readPlan(s.plan)
		if err != nil {
			return "", err
		}
		if columns, err = json.Marshal(plan); err != nil {
			return "", err
		}
	}
	return fingerprint(secret, []any{"export", o.files.format, o.files.prefix, o.files.fileRows, o.files.noGuard, o.layout, o.strict,
		o.keyFile != "", o.phi, o.text, o.ages, s.forms, s.variables, s.visit, s.of.site, s.of.subject, s.where, s.text, s.deleted, s.labels,
		s.infer, s.extra, string(columns)})
}

// check reads no records. Keys that no variable declares are columns too with extraColumns, and known only from the records.
func (t *exportTask) check(ctx context.Context, a *app, moment *cache.View, out planOutput) error {
	mapper, err := t.options.mapper(moment)
	if err != nil || t.options.records.extra {
		return err
	}
	s := t.options.records
	s.infer = false
	selection, err := s.mapOptions(ctx, mapper, out.study, shownChoices{source: moment})
	if err != nil {
		return err
	}
	_, err = mapper.Map(ctx, out.study, selection).Schema()
	return err
}

func (t *exportTask) stands(_ context.Context, _ *app, out planOutput, dir string) (madeOutput, error) {
	return standingFiles(pipeline.DataSetDir(dir, pipeline.Layout(t.options.layout), out.study), t.options.files.prefix)
}

func (t *exportTask) make(ctx context.Context, a *app, moment *cache.View, out planOutput, dir string, recipe pipeline.Recipe) (madeOutput, error) {
	o := t.options
	o.files.dir, o.recipe = dir, recipe
	manifest, err := a.writeExport(ctx, moment, out.study, o)
	if err != nil {
		return madeOutput{}, err
	}
	return describe(manifest), nil
}

type extractTask struct {
	options canonicalOptions
	files   fileOptions
}

func (t *extractTask) where() (fileOptions, pipeline.Layout) { return t.files, "" }

func (t *extractTask) settings(context.Context, *app, planOutput) (string, error) {
	var configuration []byte
	if t.options.file != "" {
		var err error
		if configuration, err = os.ReadFile(t.options.file); err != nil {
			return "", err
		}
	}
	return fingerprint(nil, []any{"extract", t.files.format, t.files.prefix, t.files.fileRows, t.files.noGuard, t.options.deleted, t.options.commit, string(configuration)})
}

func (t *extractTask) check(ctx context.Context, a *app, _ *cache.View, out planOutput) error {
	config, _, err := a.configuration(ctx, t.options)
	if err == nil && config.StudyKey != out.study {
		err = usagef("the configuration of %s is of another study", out.name)
	}
	return err
}

func (t *extractTask) stands(_ context.Context, _ *app, _ planOutput, dir string) (madeOutput, error) {
	return standingFiles(dir, t.files.prefix)
}

func (t *extractTask) make(ctx context.Context, a *app, moment *cache.View, out planOutput, dir string, recipe pipeline.Recipe) (madeOutput, error) {
	o, files := t.options, t.files
	o.source, o.recipe = sourceOptions{cached: true, moment: moment}, recipe
	files.dir = dir
	if err := t.check(ctx, a, moment, out); err != nil {
		return madeOutput{}, err
	}
	manifest, _, err := a.writeExtract(ctx, o, files)
	if err != nil {
		return madeOutput{}, err
	}
	return describe(manifest), nil
}

// standingFiles reads the data set in a directory and proves its files.
func standingFiles(dir, prefix string) (madeOutput, error) {
	manifest, err := pipeline.ReadManifest(dir, prefix)
	if errors.Is(err, fs.ErrNotExist) {
		return madeOutput{}, nil
	}
	if err != nil {
		return madeOutput{}, err
	}
	made := describe(manifest)
	if manifest.Verify(dir) != nil {
		made.damage = "its files are not as they were written"
	}
	return made, nil
}

// describe is what a manifest says about an output.
func describe(m *pipeline.Manifest) madeOutput {
	made := madeOutput{there: true, plan: m.Recipe.Plan, origin: m.Origin, program: m.Program, settings: m.Recipe.Settings}
	for _, t := range m.Tables {
		made.rows += t.Rows
	}
	var about aboutCanonical
	if m.About != nil && json.Unmarshal(m.About, &about) == nil {
		if err := sound(about.Report); err != nil {
			made.review = err.Error()
		}
	}
	return made
}

type warehouseTask struct {
	db             warehouseOptions
	silver, freeze bool
}

// settings of a warehouse do not change what is in it: the parts that are wanted are looked up.
func (t *warehouseTask) settings(context.Context, *app, planOutput) (string, error) { return "", nil }

func (t *warehouseTask) stands(ctx context.Context, a *app, out planOutput, _ string) (madeOutput, error) {
	origins, err := warehouse.ReadOrigins(ctx, t.db.path, out.study, a.limits(t.db)...)
	if err != nil {
		return madeOutput{}, err
	}
	made := madeOutput{there: origins.Ingested.Program != "", origin: origins.Ingested.Origin, program: origins.Ingested.Program}
	if t.silver && origins.Silver != origins.Ingested {
		made.damage = "its typed tables are missing, or not of the same state"
	}
	return made, nil
}

func (t *warehouseTask) make(ctx context.Context, a *app, moment *cache.View, out planOutput, _ string, _ pipeline.Recipe) (madeOutput, error) {
	made := madeOutput{there: true, program: program.Info().String()}
	err := a.withWarehouse(ctx, t.db, func(db *warehouse.DuckDBIngestion) error {
		runs, err := db.IngestStudy(ctx, moment, out.study, warehouse.StudyOptions{Records: moment, AllowMassDeletion: true}) // the sync has its own guard
		if err != nil {
			return err
		}
		for _, r := range runs {
			made.rows += r.Inserted
		}
		if !t.silver {
			return nil
		}
		o := warehouse.SilverOptions{AllowMassDeletion: true} // likewise
		if t.freeze {
			o.Evolution = warehouse.Freeze
		}
		_, err = buildSilver(ctx, db, moment, out.study, o)
		return err
	})
	if err != nil {
		return madeOutput{}, err
	}
	made.origin, err = moment.Origin(ctx, out.study)
	return made, err
}
