package imednettest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
)

// ErrNoSuchRow means that an edit names a row that is not in the study.
var ErrNoSuchRow = errors.New("imednettest: no such row")

// saved says what one save of a record did, for its revision.
type saved struct {
	dataChanged bool
	moveDate    bool
	reason      string
	silent      bool // no revision is written
}

// EditRecord sets one answer of a record as a data entry would: dateModified moves to the
// server's clock and a revision is written. value is anything that encodes to JSON;
// a jsontext.Value is stored byte for byte. All other answers keep their bytes.
func (s *Study) EditRecord(id int64, variable string, value any) error {
	encoded, err := encodeValue(value)
	if err != nil {
		return err
	}
	return s.save(id, saved{dataChanged: true, moveDate: true, reason: "Data entry error"}, func(raw []byte) []byte {
		answers := withMember(valueOf(raw, "recordData"), variable, encoded)
		return withMember(raw, "recordData", answers)
	})
}

// SetStatus sets a record's recordStatus: dateModified moves, unless Settings.StatusKeepsDate, and a
// revision is written.
func (s *Study) SetStatus(id int64, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saveLocked(id, saved{moveDate: !s.settings.StatusKeepsDate, reason: "Status changed"}, func(raw []byte) []byte {
		return withMember(raw, "recordStatus", appendString(nil, status))
	})
}

// DeleteRecord soft-deletes a record: the row stays listed, flagged deleted, and a revision is
// written, unless Settings.DeleteLeavesNoTrace. Whether a real server moves dateModified then is not documented, so moveDate chooses.
func (s *Study) DeleteRecord(id int64, moveDate bool) error {
	return s.setDeleted(id, true, moveDate, "Entered in error")
}

// RestoreRecord undoes a soft deletion and writes a revision; moveDate is as for
// [Study.DeleteRecord].
func (s *Study) RestoreRecord(id int64, moveDate bool) error {
	return s.setDeleted(id, false, moveDate, "Deleted in error")
}

func (s *Study) setDeleted(id int64, deleted, moveDate bool, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := saved{moveDate: moveDate, reason: reason, silent: s.settings.DeleteLeavesNoTrace}
	return s.saveLocked(id, what, func(raw []byte) []byte {
		return withMember(raw, "deleted", strconv.AppendBool(nil, deleted))
	})
}

// RemoveRecord removes a record for good, without a revision or a date that would show it. Its
// earlier revisions stay listed.
func (s *Study) RemoveRecord(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tables[imednet.Records]
	if _, ok := t.latest(id); !ok {
		return fmt.Errorf("%w: record %d", ErrNoSuchRow, id)
	}
	t.remove(id)
	return nil
}

// SetKeywords replaces the keywords of a record. It writes no revision, and changes no date unless
// [Settings.KeywordsMoveDate] is set.
func (s *Study) SetKeywords(id int64, keywords []imednet.Keyword) error {
	encoded, err := json.Marshal(keywords)
	if err != nil {
		return fmt.Errorf("imednettest: encode keywords: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(id, s.begin(id), func(raw []byte) []byte {
		if s.settings.KeywordsMoveDate {
			raw = withMember(raw, "dateModified", appendTime(nil, s.tick().Unix()))
		}
		return withMember(raw, "keywords", encoded)
	})
}

// RenameSubject changes a subject's display key, in the subject and in its records and visits. It
// changes no date and writes no revision.
func (s *Study) RenameSubject(subjectID int64, subjectKey string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, ok := s.tables[imednet.Subjects].latest(subjectID)
	if !ok {
		return fmt.Errorf("%w: subject %d", ErrNoSuchRow, subjectID)
	}
	key, when := appendString(nil, subjectKey), s.begin()
	s.putRow(imednet.Subjects, when, subjectID, withMember(raw, "subjectKey", key))
	for _, resource := range []imednet.Resource{imednet.Records, imednet.Visits} {
		t := s.tables[resource]
		for _, id := range t.ofSubject(subjectID) {
			row, _ := t.latest(id)
			s.putRow(resource, when, id, withMember(row, "subjectKey", key))
		}
	}
	return nil
}

// InsertRecord adds a record with the next free id, which it returns, and writes its first revision.
// Missing members are filled in: studyKey, formId or formKey from the other, deleted false, and both
// dates from the server's clock. The id and Raw of rec are ignored. It panics if rec cannot be
// written as JSON, which happens only if its Unknown is not a JSON object.
func (s *Study) InsertRecord(rec imednet.Record) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.insert(rec)
}

func (s *Study) insert(rec imednet.Record) int64 {
	now := imednet.NewTime(s.tick())
	rec.Raw = nil
	fill(&rec.StudyKey, s.key)
	fill(&rec.Deleted, false)
	fill(&rec.RecordType, "SUBJECT")
	fill(&rec.RecordStatus, "Record Incomplete")
	fill(&rec.DateCreated, now)
	fill(&rec.DateModified, now)
	s.fillForm(&rec)
	when := s.begin()
	id, raw := s.insertRow(imednet.Records, when, func(id int64) []byte {
		rec.RecordID = id
		raw, err := imednet.Encode(rec)
		if err != nil {
			panic("imednettest: InsertRecord: the record cannot be written as JSON")
		}
		return raw
	})
	s.counts[id] = revisionCount{record: 1, data: 1}
	s.writeRevision(id, raw, "", when)
	return id
}

func fill[T imednet.Scalar](field *imednet.Opt[T], value T) {
	if field.IsZero() {
		*field = imednet.Some(value)
	}
}

// fillForm completes formId and formKey from each other.
func (s *Study) fillForm(rec *imednet.Record) {
	forms := s.tables[imednet.Forms]
	for pos := range forms.len() {
		id, _, _ := forms.at(pos)
		key := textOf(valueOf(forms.appendJSON(nil, pos), "formKey"))
		if rec.FormID.Or(0) == id {
			fill(&rec.FormKey, key)
		}
		if rec.FormKey.Or("") == key {
			fill(&rec.FormID, id)
		}
	}
}

// save changes a record's row and writes the revision.
func (s *Study) save(id int64, what saved, change func(raw []byte) []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saveLocked(id, what, change)
}

func (s *Study) saveLocked(id int64, what saved, change func(raw []byte) []byte) error {
	raw, ok := s.tables[imednet.Records].latest(id)
	if !ok {
		return fmt.Errorf("%w: record %d", ErrNoSuchRow, id)
	}
	count, when := s.revisionCount(id), s.begin(id)
	raw = change(raw)
	now := s.tick()
	if what.moveDate {
		raw = withMember(raw, "dateModified", appendTime(nil, now.Unix()))
	}
	s.putRow(imednet.Records, when, id, raw)
	if what.silent {
		return nil
	}
	count.record++
	if what.dataChanged {
		count.data++
	}
	s.counts[id] = count
	s.writeRevision(id, raw, what.reason, when)
	return nil
}

// revisionCount tells how often a record was saved up to now.
func (s *Study) revisionCount(id int64) revisionCount {
	if count, ok := s.counts[id]; ok {
		return count
	}
	return s.counter.revisionCount(id)
}

// writeRevision appends the audit row of a save; record is the row as saved.
func (s *Study) writeRevision(recordID int64, record []byte, reason string, when commit) {
	count := s.counts[recordID]
	copied := map[string][]byte{}
	for m := range members(record) {
		copied[m.text()] = record[m.start:m.end]
	}
	s.insertRow(imednet.RecordRevisions, when, func(id int64) []byte {
		raw := appendMember(nil, '{', "studyKey", appendString(nil, s.key))
		raw = appendMember(raw, ',', "recordRevisionId", strconv.AppendInt(nil, id, 10))
		raw = appendMember(raw, ',', "recordId", strconv.AppendInt(nil, recordID, 10))
		raw = appendMember(raw, ',', "recordOid", orNull(copied["recordOid"]))
		raw = appendMember(raw, ',', "recordRevision", strconv.AppendInt(nil, count.record, 10))
		raw = appendMember(raw, ',', "dataRevision", strconv.AppendInt(nil, count.data, 10))
		for _, name := range []string{"recordStatus", "subjectId", "subjectOid", "subjectKey", "siteId", "formKey", "intervalId"} {
			raw = appendMember(raw, ',', name, orNull(copied[name]))
		}
		raw = appendMember(raw, ',', "role", appendString(nil, s.author.role))
		raw = appendMember(raw, ',', "user", appendString(nil, s.author.login))
		raw = appendMember(raw, ',', "reasonForChange", orNull(quoteOrNil(reason)))
		raw = appendMember(raw, ',', "deleted", orNull(copied["deleted"]))
		raw = appendMember(raw, ',', "dateCreated", appendTime(nil, s.now.Unix()))
		return append(raw, '}')
	})
}

func appendMember(dst []byte, before byte, name string, value []byte) []byte {
	dst = append(dst, before)
	dst = appendMemberName(dst, name)
	return append(dst, value...)
}

func orNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

func quoteOrNil(s string) []byte {
	if s == "" {
		return nil
	}
	return appendString(nil, s)
}

// encodeValue returns the JSON of an answer.
func encodeValue(value any) ([]byte, error) {
	if raw, ok := value.(jsontext.Value); ok {
		if !raw.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			return nil, errors.New("imednettest: the value is not JSON")
		}
		return raw, nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("imednettest: encode a value of type %T: %w", value, err)
	}
	return encoded, nil
}
