package probe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/imednetgo/imednet"
)

// What only the past of a study shows is read from its records and revisions: cases are looked for in the
// sample, and each is compared with the record as it is now.

// maxCases is how many cases of one kind are looked at.
const maxCases = 8

// verdict counts what cases show.
type verdict struct{ yes, no int }

// conclude answers by the cases; without any the point stays open.
func (f *finding) conclude(v verdict, yes, no string) {
	f.notably("%d cases: %d %s, %d %s", v.yes+v.no, v.yes, yes, v.no, no)
	switch {
	case v.yes+v.no == 0:
		f.Came = "the records and revisions that were read show no such case"
	case v.yes > 0 && v.no > 0:
		f.Answer = Differs
	case v.yes > 0:
		f.Answer = Yes
	default:
		f.Answer = No
	}
}

// askHidden looks for deleted records in the listings. Where there are none, it counts records that have revisions and
// are not listed: whether they were deleted or removed for good looks the same to a reader.
func (s *session) askHidden(f *finding) error {
	if listed := countDeleted(s.records()); listed > 0 {
		f.Came, f.Answer = fmt.Sprintf("%d deleted records were listed", listed), No
		return nil
	}
	var v verdict
	for _, id := range s.unlisted() {
		_, found, err := s.record(id)
		if err != nil {
			return err
		}
		if found {
			v.no++
		} else {
			v.yes++
		}
	}
	f.conclude(v, "have revisions and are not listed", "are listed")
	return nil
}

// unlisted are records that the newest revision deletes, or that have revisions and are missing between the first records.
func (s *session) unlisted() (found []int64) {
	ids := s.ids()
	for _, pair := range s.newest() {
		id := pair[0].id("recordId")
		_, listed := slices.BinarySearch(ids, id)
		missing := len(ids) > 0 && id > ids[0] && id < ids[len(ids)-1] && !listed
		if (pair[0].is("deleted") || missing) && len(found) < maxCases {
			found = append(found, id)
		}
	}
	return found
}

func countDeleted(rows []row) (n int) {
	for _, r := range rows {
		if r.is("deleted") {
			n++
		}
	}
	return n
}

// deletions are the newest revisions that delete a record.
func (s *session) deletions() (found []row) {
	for _, pair := range s.newest() {
		if pair[0].is("deleted") && len(found) < maxCases {
			found = append(found, pair[0])
		}
	}
	return found
}

// deleted are records that are marked as deleted, those that changed last first.
func (s *session) deleted() ([]row, error) {
	var found []row
	for _, r := range s.records() {
		if r.is("deleted") {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		r, err := s.filtered(imednet.Records, "recordId", "deleted==true")
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(r.rows, func(r row) bool { return !r.is("deleted") })
	}
	slices.SortStableFunc(found, func(a, b row) int {
		earlier, _ := a.at("dateModified")
		later, _ := b.at("dateModified")
		return later.Compare(earlier)
	})
	return found[:min(len(found), maxCases)], nil
}

// askDeletionTrace looks for a revision that deletes each of the deleted records.
func (s *session) askDeletionTrace(f *finding) error {
	deleted, err := s.deleted()
	if err != nil {
		return err
	}
	var v verdict
	for _, r := range deleted {
		revisions, err := s.filtered(imednet.RecordRevisions, "recordRevisionId", "recordId=="+strconv.FormatInt(r.id("recordId"), 10))
		if err != nil {
			return err
		}
		if !revisions.listed() || revisions.total > int64(len(revisions.rows)) {
			continue
		}
		if countDeleted(revisions.rows) > 0 {
			v.no++
		} else {
			v.yes++
		}
	}
	f.conclude(v, "without a revision", "with one")
	return nil
}

// askDeletionDate compares the date of a deletion with that of the record.
func (s *session) askDeletionDate(f *finding) error {
	return s.compareDates(f, s.deletions(), true, func(r row) bool { return r.is("deleted") })
}

// askStatusDate compares the date of a revision that changed only the status with that of the record.
func (s *session) askStatusDate(f *finding) error {
	var changes []row
	for _, pair := range s.newest() {
		now, before := pair[0], pair[1]
		if before == nil || now.is("deleted") || before.is("deleted") || len(changes) == maxCases {
			continue
		}
		if now.text("dataRevision") == before.text("dataRevision") && now.text("dataRevision") != "" && now.text("recordStatus") != before.text("recordStatus") {
			changes = append(changes, now)
		}
	}
	return s.compareDates(f, changes, false, func(r row) bool { return !r.is("deleted") })
}

// compareDates reads the record of each revision and counts those whose dateModified is at least that of the
// revision. movedIsYes says which of both is yes.
func (s *session) compareDates(f *finding, revisions []row, movedIsYes bool, counts func(row) bool) error {
	var v verdict
	for _, revision := range revisions {
		at, ok := revision.at("dateCreated")
		if !ok {
			continue
		}
		record, found, err := s.record(revision.id("recordId"))
		if err != nil {
			return err
		}
		modified, dated := record.at("dateModified")
		if !found || !dated || !counts(record) {
			continue
		}
		if moved := !modified.Before(at.Add(-tolerance)); moved == movedIsYes {
			v.yes++
		} else {
			v.no++
		}
	}
	if movedIsYes {
		f.conclude(v, "moved the date", "did not")
	} else {
		f.conclude(v, "left the date", "moved it")
	}
	return nil
}

// askKeywordDate looks at records whose newest keyword is younger than their newest revision: then only the keyword
// can have moved the date.
func (s *session) askKeywordDate(f *finding) error {
	var v verdict
	looked := 0
	for _, r := range s.records() {
		added, ok := newestKeyword(r)
		modified, dated := r.at("dateModified")
		if !ok || !dated || looked == maxCases {
			continue
		}
		looked++
		if modified.Before(added.Add(-tolerance)) {
			v.no++
			continue
		}
		revisions, err := s.filtered(imednet.RecordRevisions, "recordRevisionId", "recordId=="+strconv.FormatInt(r.id("recordId"), 10))
		if err != nil {
			return err
		}
		if revisions.listed() && revisions.total == int64(len(revisions.rows)) && allBefore(revisions.rows, added.Add(-tolerance)) {
			v.yes++
		}
	}
	f.conclude(v, "moved the date", "did not")
	return nil
}

func newestKeyword(r row) (newest time.Time, found bool) {
	var keywords []row
	if json.Unmarshal(r["keywords"], &keywords) != nil {
		return newest, false
	}
	for _, k := range keywords {
		if at, ok := k.at("dateAdded"); ok && at.After(newest) {
			newest, found = at, true
		}
	}
	return newest, found
}

// allBefore reports whether every revision was made before a moment.
func allBefore(revisions []row, moment time.Time) bool {
	return !slices.ContainsFunc(revisions, func(r row) bool {
		at, ok := r.at("dateCreated")
		return !ok || !at.Before(moment)
	})
}
