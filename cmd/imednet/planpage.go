package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/filehash"
	"github.com/imednetgo/imednet/internal/program"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/report"
)

// pageManifest describes a page that a plan made. It stands beside the page and is written before it: a
// page that is not the one described is made again.
type pageManifest struct {
	FormatVersion int             `json:"formatVersion"` // 1
	StudyKey      string          `json:"studyKey"`
	Program       string          `json:"program"`
	Created       time.Time       `json:"created"`
	Origin        imednet.Origin  `json:"origin"`
	Recipe        pipeline.Recipe `json:"recipe"`
	File          string          `json:"file"`
	Bytes         int64           `json:"bytes"`
	SHA256        string          `json:"sha256"`
}

const pageManifestVersion = 1

func pageManifestOf(page string) string { return page + ".manifest.json" }

// reportTask makes the page that `imednet report` writes.
type reportTask struct{ options reportOptions }

// settings covers what the page shows beside the study: the dictionary, the configuration and the review
// queue.
func (t *reportTask) settings(ctx context.Context, a *app, out planOutput) (string, error) {
	o := t.options
	var inputs []any
	for _, path := range []string{o.configuration, o.dictionary} {
		if path == "" {
			inputs = append(inputs, nil)
			continue
		}
		sum, err := a.inputHash(ctx, path)
		if err != nil {
			return "", err
		}
		inputs = append(inputs, sum)
	}
	items, err := a.reviewItems(ctx, o.store, out.study)
	if err != nil {
		return "", err
	}
	var review []report.ReviewItem
	if items != nil {
		for item, err := range items {
			if err != nil {
				return "", err
			}
			review = append(review, item)
		}
	}
	b := o.build
	return fingerprint(nil, []any{"report", b.ShowValues, b.GroupSize, b.LateDays, b.OverdueDays, b.MaxRows, o.forms, o.severity, o.serious, a.contrast(), inputs, review})
}

func (t *reportTask) check(ctx context.Context, _ *app, moment *cache.View, out planOutput) error {
	opts := t.options.build
	opts.Absent = notInMirror
	var err error
	if opts.AdverseEvents, err = t.options.adverseEvents(out.study); err != nil {
		return err
	}
	workflow, err := report.NewStudyReport(moment)
	if err != nil {
		return err
	}
	return workflow.Check(ctx, out.study, opts)
}

// inputHash is what identifies an input: a file, a directory or a dictionary of the history.
func (a *app) inputHash(ctx context.Context, path string) (string, error) {
	if !strings.HasPrefix(path, storedPrefix) {
		return treeHash(path)
	}
	d, err := dictionaryOptions{}.stored(ctx, a, path)
	return d.Entry.CommitID, err
}

// treeHash is the SHA-256 of a file, or of the names and contents of all files below a directory.
func treeHash(path string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		local, err := filepath.Rel(path, name)
		one := sha256.Sum256(text)
		sum.Write([]byte(filepath.ToSlash(local) + "\x00"))
		sum.Write(one[:])
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

func (t *reportTask) stands(_ context.Context, _ *app, _ planOutput, page string) (madeOutput, error) {
	text, err := os.ReadFile(pageManifestOf(page))
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Lstat(page)
		if errors.Is(err, fs.ErrNotExist) {
			return madeOutput{}, nil
		}
		return madeOutput{there: true}, err // a file of somebody else's
	}
	if err != nil {
		return madeOutput{}, err
	}
	var m pageManifest
	if err := json.Unmarshal(text, &m); err != nil || m.FormatVersion != pageManifestVersion {
		return madeOutput{there: true}, nil
	}
	made := madeOutput{there: true, plan: m.Recipe.Plan, origin: m.Origin, program: m.Program, settings: m.Recipe.Settings}
	if filehash.Verify(filepath.Dir(page), filepath.Base(page), m.Bytes, m.SHA256) != nil {
		made.damage = "it is not as it was written"
	}
	return made, nil
}

func (t *reportTask) make(ctx context.Context, a *app, moment *cache.View, out planOutput, page string, recipe pipeline.Recipe) (madeOutput, error) {
	built, err := a.buildReport(ctx, moment, out.study, t.options)
	if err != nil {
		return madeOutput{}, err
	}
	var text bytes.Buffer
	if err := built.WriteHTML(&text, report.PageOptions{HighContrast: a.contrast()}); err != nil {
		return madeOutput{}, err
	}
	sum := sha256.Sum256(text.Bytes())
	m := pageManifest{FormatVersion: pageManifestVersion, StudyKey: out.study, Program: program.Info().String(), Created: built.MadeAt, Origin: built.Origin,
		Recipe: recipe, File: filepath.Base(page), Bytes: int64(text.Len()), SHA256: hex.EncodeToString(sum[:])}
	document, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return madeOutput{}, err
	}
	if err := os.MkdirAll(filepath.Dir(page), 0o700); err != nil {
		return madeOutput{}, err
	}
	if err := replaceFile(pageManifestOf(page), writing(append(document, '\n'))); err != nil {
		return madeOutput{}, err
	}
	if err := replaceFile(page, writing(text.Bytes())); err != nil {
		return madeOutput{}, err
	}
	return madeOutput{there: true, origin: m.Origin}, nil
}

// writing writes a text that is there.
func writing(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}
}

// contrast reports whether pages are wanted in black on white.
func (a *app) contrast() bool { return a.highContrast || os.Getenv(envHighContrast) == "1" }
