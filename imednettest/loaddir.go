package imednettest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// timeline holds what a loaded study was at any moment.
type timeline struct {
	records   []*history
	revisions list
	latest    int64 // from then on nothing changes any more
	shown     int64 // the moment that the tables show
}

// history is the successive versions of one record, oldest first. The last is the row that the
// directory lists; the others come from recordVersions.
type history struct {
	versions []version
}

// version is a record as it was from a moment on.
type version struct {
	from int64 // Unix seconds
	row  *row
}

// show puts the study as of a moment into the tables; false when they show it already.
func (tl *timeline) show(tables map[imednet.Resource]*table, at int64) bool {
	if at >= tl.latest && tl.shown >= tl.latest && tl.shown > 0 {
		return false
	}
	tl.shown = at
	records := make(list, 0, len(tl.records))
	for _, h := range tl.records {
		for _, v := range slices.Backward(h.versions) {
			if v.from <= at {
				records = append(records, v.row)
				break
			}
		}
	}
	revisions := make(list, 0, len(tl.revisions))
	for _, r := range tl.revisions {
		if r.hot.created <= at {
			revisions = append(revisions, r)
		}
	}
	tables[imednet.Records].setBase(records)
	tables[imednet.RecordRevisions].setBase(revisions)
	return true
}

// loadedCounter counts the revisions that a loaded study shows, when it is first asked.
type loadedCounter struct {
	revisions base
	counts    map[int64]revisionCount
}

// revisionCount implements revisionCounter; the study is locked.
func (c *loadedCounter) revisionCount(recordID int64) revisionCount {
	if c.counts == nil {
		c.counts = map[int64]revisionCount{}
		for i := range c.revisions.len() {
			raw, id := c.revisions.appendJSON(nil, i), c.revisions.hot(i).recordID
			count := c.counts[id]
			count.record = max(count.record, intOf(valueOf(raw, "recordRevision")))
			count.data = max(count.data, intOf(valueOf(raw, "dataRevision")))
			c.counts[id] = count
		}
	}
	return c.counts[recordID]
}

// LoadDir reads a study from a directory of NDJSON files named after the resources, such as
// records.ndjson or records.ndjson.gz, one row per line as inside data[]. studies.ndjson must hold
// exactly one row, to whose study all others belong, and records.ndjson must be there, empty if the study
// has no records; every other file may be missing. recordVersions.ndjson, if present, holds earlier
// states of records as {"from":t,"to":t,"record":{…}}: the study can then be served as of any moment
// (see Study.SetTime); the other resources have no past. The study starts at its latest date, and
// edits advance its clock. Lines end only at \n. If the directory does not exist, the error names it
// and matches [fs.ErrNotExist].
func LoadDir(dir string) (*Study, error) {
	if err := argument.Named("imednettest.LoadDir", "dir", dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("imednettest: load study: %w", err)
	}
	s := &Study{tables: map[imednet.Resource]*table{}, counts: map[int64]revisionCount{}}
	for _, resource := range resources() {
		rows, err := loadRows(dir, resource)
		if err != nil {
			return nil, err
		}
		s.tables[resource] = newTable(resource, rows)
	}
	studies := s.tables[imednet.Studies]
	if studies.len() != 1 {
		return nil, fmt.Errorf("imednettest: load study in %s: studies.ndjson holds %d rows instead of 1", dir, studies.len())
	}
	s.key = textOf(valueOf(studies.appendJSON(nil, 0), "studyKey"))
	if s.key == "" {
		return nil, errors.New("imednettest: load study: the study has no studyKey")
	}
	if !hasFile(dir, imednet.Records) {
		return nil, fmt.Errorf("imednettest: load study in %s: records.ndjson is missing; an empty file means a study without records", dir)
	}
	if err := s.checkKeys(); err != nil {
		return nil, err
	}
	if err := s.loadTimeline(dir); err != nil {
		return nil, err
	}
	latest := int64(0)
	for _, t := range s.tables {
		for pos := range t.len() {
			h := t.hot(pos)
			latest = max(latest, h.created, h.modified)
		}
	}
	s.setNow(time.Unix(latest, 0))
	s.setAuthor()
	return s, nil
}

// checkKeys refuses rows that say that they belong to another study: no server lists them here.
func (s *Study) checkKeys() error {
	for resource, t := range s.tables {
		for id, raw := range t.all() {
			if key := textOf(valueOf(raw, "studyKey")); key != "" && key != s.key {
				return fmt.Errorf("imednettest: load %s: the row of id %d is of another study than studies.ndjson has", resource, id)
			}
		}
	}
	return nil
}

// loadTimeline joins the final records with their earlier versions.
func (s *Study) loadTimeline(dir string) error {
	records := s.tables[imednet.Records].base.(list)
	s.timeline = &timeline{revisions: s.tables[imednet.RecordRevisions].base.(list)}
	byID := make(map[int64]*history, len(records))
	last := make(map[int64]int64, len(records)) // the end of the newest earlier version
	current := make(map[int64]bool, len(records))
	for _, r := range records {
		current[r.id] = true
	}
	err := eachLine(dir, "recordVersions", func(line []byte) error {
		raw := valueOf(line, "record")
		id := intOf(valueOf(raw, "recordId"))
		if id <= 0 {
			return errors.New("a version has no recordId")
		}
		if !current[id] {
			return fmt.Errorf("a version is of record %d, which records.ndjson does not have", id)
		}
		from, to := unixOf(valueOf(line, "from")), unixOf(valueOf(line, "to"))
		if from == 0 || to < from {
			return errors.New("from and to of a version must be times, such as 2024-01-31 10:00:00, in this order")
		}
		h := byID[id]
		if h == nil {
			h = &history{}
			byID[id] = h
		}
		h.versions = append(h.versions, version{from: from, row: newRow(id, raw)})
		last[id] = max(last[id], to)
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range records {
		h := byID[r.id]
		if h == nil {
			h = &history{}
		}
		slices.SortStableFunc(h.versions, func(a, b version) int { return int(a.from - b.from) })
		from := max(last[r.id], r.hot.created)
		h.versions = append(h.versions, version{from: from, row: r})
		s.timeline.records = append(s.timeline.records, h)
		s.timeline.latest = max(s.timeline.latest, from)
	}
	for _, r := range s.timeline.revisions {
		s.timeline.latest = max(s.timeline.latest, r.hot.created)
	}
	return nil
}

// loadRows reads one resource, sorted by its own id.
func loadRows(dir string, resource imednet.Resource) (list, error) {
	var rows list
	name := resource.ID()
	textID := attributeKinds[resource][name] == textKind
	keys := map[*row]string{}
	err := eachLine(dir, string(resource), func(line []byte) error {
		r := newRow(intOf(valueOf(line, name)), line)
		if textID {
			keys[r] = textOf(valueOf(line, name))
		} else if r.id <= 0 {
			return fmt.Errorf("a row has no %s", name)
		}
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		if textID {
			return bytes.Compare([]byte(keys[a]), []byte(keys[b]))
		}
		return int(min(max(a.id-b.id, -1), 1))
	})
	for i, r := range rows {
		if textID {
			r.id = int64(i + 1)
		} else if i > 0 && rows[i-1].id == r.id {
			return nil, fmt.Errorf("imednettest: load %s: %s %d occurs twice", resource, name, r.id)
		}
	}
	return rows, nil
}

// eachLine calls use with every line of dir/name.ndjson or dir/name.ndjson.gz, checked to be one
// JSON value; the lines share one buffer that stays. A missing file has no lines.
func eachLine(dir, name string, use func(line []byte) error) error {
	content, err := readFile(filepath.Join(dir, name+".ndjson"))
	if err != nil {
		return fmt.Errorf("imednettest: load %s: %w", name, err)
	}
	number := 0
	for len(content) > 0 {
		number++
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		content = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !jsontext.Value(line).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			return fmt.Errorf("imednettest: load %s: line %d is not JSON", name, number)
		}
		if err := use(bytes.TrimSpace(line)); err != nil {
			return fmt.Errorf("imednettest: load %s: line %d: %w", name, number, err)
		}
	}
	return nil
}

// hasFile reports whether the rows of a resource are in the directory, whatever they are.
func hasFile(dir string, resource imednet.Resource) bool {
	path := filepath.Join(dir, string(resource)+".ndjson")
	_, plain := os.Stat(path)
	_, packed := os.Stat(path + ".gz")
	return !errors.Is(plain, fs.ErrNotExist) || !errors.Is(packed, fs.ErrNotExist)
}

// readFile returns the content of path or of path.gz, nothing when neither exists.
func readFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	file, err := os.Open(path + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}
