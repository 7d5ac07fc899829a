package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/lake"
)

// limit is how often as much as a fresh lake's a scan may cost after upkeep.
const limit = 2

type options struct{ records, commits, rounds int }

// job is what was measured.
type job struct {
	name  string
	rows  int64
	cpu   time.Duration
	ratio float64 // to the scan of a fresh lake; 0 where it means nothing
}

// String returns the line that is printed.
func (j job) String() string {
	ratio := "      "
	if j.ratio > 0 {
		ratio = fmt.Sprintf("%6.2f", j.ratio)
	}
	return fmt.Sprintf("%8d %8.1f %s  %s", j.rows, float64(j.cpu.Microseconds())/1000, ratio, j.name)
}

// expired is the job that has the limit.
const expired = "scan, compacted and expired"

func withinLimit(jobs []job, o options) error {
	for _, j := range jobs {
		if j.name == expired && j.ratio > limit && o.commits >= 100 {
			return fmt.Errorf("a scan after upkeep costs %.2f times that of a fresh lake, and %d at most", j.ratio, limit)
		}
	}
	return nil
}

// study is a study with its mirror, in a directory.
type study struct {
	*imednettest.Study
	mirror *cache.CachedRecordsLoader
	dir    string
}

// place is a lake in a directory of its own.
type place struct {
	*lake.Lake
	study string
	close func() error
}

// measure makes a lake by many commits and a fresh one of the same rows, and measures both.
func measure(ctx context.Context, o options) (jobs []job, err error) {
	dir, err := os.MkdirTemp("", "lake-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := newStudy(ctx, dir, o.records)
	if err != nil {
		return nil, err
	}
	defer s.mirror.Close()
	old, err := s.place(ctx, "old")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, old.close()) }()
	first, err := old.sync(ctx, "first commit of every table")
	if err != nil {
		return nil, err
	}
	change, err := s.commit(ctx, old, o.commits)
	if err != nil {
		return nil, err
	}
	fresh, err := s.place(ctx, "fresh")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.close()) }()
	if _, err = fresh.sync(ctx, ""); err != nil {
		return nil, err
	}
	scans, err := scansBetweenUpkeep(ctx, old, fresh, o.rounds)
	return append([]job{first, change}, scans...), err
}

func newStudy(ctx context.Context, dir string, records int) (*study, error) {
	s := imednettest.Generate(imednettest.GenerateOptions{Records: records})
	mirror, err := cache.NewCachedRecordsLoader(ctx, imednettest.NewServer(s).Client(), filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		return nil, err
	}
	_, err = mirror.SyncStudy(ctx, s.Key(), cache.SyncOptions{})
	return &study{s, mirror, dir}, err
}

func (s *study) place(ctx context.Context, name string) (*place, error) {
	cat, closeCatalog, err := lake.OpenCatalog(ctx, "sqlite://"+filepath.Join(s.dir, name+".sqlite3"), lake.CatalogOptions{Warehouse: filepath.Join(s.dir, name)})
	if err != nil {
		return nil, err
	}
	l, err := lake.New(s.mirror, cat)
	return &place{l, s.Key(), closeCatalog}, err
}

// commit changes three records and syncs, again and again. The job is the last of these syncs.
func (s *study) commit(ctx context.Context, p *place, commits int) (last job, err error) {
	ids := s.RecordIDs()
	for i := range commits {
		for k := range 3 {
			id := ids[(i*37+k*11)%len(ids)]
			if err := s.edit(id, fmt.Sprint("changed ", i)); err != nil {
				return last, err
			}
		}
		if _, err := s.mirror.SyncStudy(ctx, s.Key(), cache.SyncOptions{}); err != nil {
			return last, err
		}
		if last, err = p.sync(ctx, fmt.Sprintf("incremental commit, after %d", i)); err != nil {
			return last, err
		}
	}
	return last, nil
}

// edit changes the first answer of a record.
func (s *study) edit(id int64, value string) error {
	rec, ok := s.Record(id)
	if !ok {
		return fmt.Errorf("the study has no record %d", id)
	}
	for name := range rec.RecordData.All() {
		return s.EditRecord(id, name, value)
	}
	return nil
}

func (p *place) sync(ctx context.Context, name string) (job, error) {
	start := processorTime()
	report, err := p.Sync(ctx, p.study, lake.SyncOptions{})
	j := job{name: name, cpu: processorTime() - start}
	for _, t := range report.Tables {
		j.rows += t.Written
	}
	return j, err
}

// scansBetweenUpkeep scans as the commits left the lake, compacted, and expired too, as the command maintain does by default. The
// moments have an hour and more of age then, as they have between two days.
func scansBetweenUpkeep(ctx context.Context, old, fresh *place, rounds int) (jobs []job, err error) {
	steps := []struct {
		name string
		do   func() error
	}{
		{"scan, as the commits left it", func() error { return nil }},
		{"scan, compacted", func() error {
			_, err := old.Compact(ctx, old.study, lake.CompactPolicy{})
			return err
		}},
		{expired, func() error {
			_, err := old.Maintain(ctx, old.study, lake.MaintainPolicy{}, time.Now().Add(2*time.Hour))
			return err
		}},
	}
	for i, step := range steps {
		if err := step.do(); err != nil {
			return nil, err
		}
		one, least, err := scanInTurns(ctx, old, fresh, rounds)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			least.name, least.ratio = "scan, fresh", 1
			jobs = append(jobs, least)
		}
		one.name, one.ratio = step.name, float64(one.cpu)/float64(least.cpu)
		jobs = append(jobs, one)
	}
	return jobs, nil
}

// scanInTurns are the least of some scans of each of two lakes, which hold the same rows.
func scanInTurns(ctx context.Context, old, fresh *place, rounds int) (a, b job, err error) {
	for i := range rounds {
		x, err := old.scan(ctx)
		if err != nil {
			return a, b, err
		}
		y, err := fresh.scan(ctx)
		if err != nil {
			return a, b, err
		}
		if x.rows != y.rows {
			return a, b, fmt.Errorf("the lake has %d rows and a fresh one %d", x.rows, y.rows)
		}
		if i == 0 || x.cpu < a.cpu {
			a = x
		}
		if i == 0 || y.cpu < b.cpu {
			b = y
		}
	}
	return a, b, nil
}

// scan reads every table at the newest moment.
func (p *place) scan(ctx context.Context) (j job, err error) {
	list, err := p.Current(ctx, p.study)
	if err != nil {
		return j, err
	}
	start := processorTime()
	for _, listed := range list.Tables {
		rows, err := p.scanTable(ctx, listed)
		if err != nil {
			return j, err
		}
		j.rows += rows
	}
	j.cpu = processorTime() - start
	return j, nil
}

func (p *place) scanTable(ctx context.Context, listed lake.ListedTable) (rows int64, err error) {
	tbl, err := p.Table(ctx, p.study, listed.Table)
	if err != nil {
		return 0, err
	}
	scan := tbl.Scan(table.WithSnapshotID(listed.Snapshot))
	defer scan.Close()
	_, batches, err := scan.ToArrowRecords(ctx)
	if err != nil {
		return 0, err
	}
	for batch, err := range batches {
		if err != nil {
			return rows, err
		}
		rows += batch.NumRows()
		batch.Release()
	}
	return rows, nil
}

// processorTime is what this process has used of the processors so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it has no other errors than wrong arguments
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
