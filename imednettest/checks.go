package imednettest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// EnforceChecks makes the server run edit checks, such as those of [Study.DesignExport], over every
// record that is submitted, with the date of [Study.Now]: a hard edit refuses the item, and the other
// rules open queries, set keywords and clear answers. A query of a rule that no longer acts is closed.
// nil runs none, which is the default, because it is not known whether iMednet checks records that come
// over the API.
func (s *Study) EnforceChecks(checker imednet.EditChecker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checks = nil; checker != nil {
		s.checks = &editChecks{checker, map[ruleQuery]int64{}}
	}
}

// editChecks are the rules that a study runs.
type editChecks struct {
	checker imednet.EditChecker
	open    map[ruleQuery]int64 // their ids
}

// check runs the edit checks over a record with the answers that it is to have.
func (s *Study) check(rec imednet.Record, data []byte) (effects imednet.RecordEffects, err error) {
	if s.checks == nil {
		return effects, nil
	}
	if rec.RecordData, err = imednet.NewRecordData(data); err != nil {
		return effects, err
	}
	effects = s.checks.checker.CheckRecord(&rec, s.now)
	if len(effects.Refusing) > 0 {
		return effects, fmt.Errorf("edit check %s refuses the record", strings.Join(effects.Refusing, ", "))
	}
	return effects, nil
}

// blanks are the answers that rules clear.
func blanks(e imednet.RecordEffects) []answer {
	all := make([]answer, len(e.Cleared))
	for i, question := range e.Cleared {
		all[i] = answer{question, []byte(`""`)}
	}
	return all
}

// ruleQuery is a query that a rule opened.
type ruleQuery struct {
	record         int64
	rule, question string
}

// enact writes the queries and keywords of the rules that act on a record, and closes the queries of
// those that do not.
func (s *Study) enact(recordID int64, e imednet.RecordEffects) {
	if s.checks == nil {
		return
	}
	when := s.begin(recordID)
	for _, q := range e.Queries {
		query := ruleQuery{recordID, q.RuleID, q.Question}
		if _, open := s.checks.open[query]; !open {
			s.checks.open[query] = s.openQuery(when, query, q.Text)
		}
	}
	for query, id := range s.checks.open {
		if query.record == recordID && slices.Contains(e.Quiet, query.rule) {
			s.closeQuery(when, id)
			delete(s.checks.open, query)
		}
	}
	s.setRuleKeywords(when, recordID, e.Keywords)
}

func (s *Study) openQuery(when commit, q ruleQuery, text string) int64 {
	record, _ := s.tables[imednet.Records].latest(q.record)
	now := appendTime(nil, s.now.Unix())
	id, _ := s.insertRow(imednet.Queries, when, func(id int64) []byte {
		raw := appendMember(nil, '{', "studyKey", appendString(nil, s.key))
		for _, name := range []string{"subjectId", "subjectOid", "subjectKey"} {
			raw = appendMember(raw, ',', name, orNull(valueOf(record, name)))
		}
		return fmt.Appendf(raw, `,"annotationType":"System Query","annotationId":%d,"type":"question","description":%s,"recordId":%d,"variable":%s,"dateCreated":%s,"dateModified":%s,"queryComments":[%s]}`,
			id, appendString(nil, text), q.record, appendString(nil, q.question), now, now, s.queryComment(1, "Open", text))
	})
	return id
}

func (s *Study) queryComment(sequence int, status, text string) []byte {
	return object("sequence", sequence, "annotationStatus", "System Query "+status, "user", "System", "comment", text, "closed", status == "Closed", "date", instant(s.now.Unix()))
}

func (s *Study) closeQuery(when commit, id int64) {
	raw, ok := s.tables[imednet.Queries].latest(id)
	if !ok {
		return
	}
	comments := bytes.TrimSuffix(valueOf(raw, "queryComments"), []byte("]"))
	closed := append(append(slices.Clone(comments), ','), s.queryComment(2, "Closed", "The answer was changed.")...)
	raw = withMember(raw, "dateModified", appendTime(nil, s.now.Unix()))
	s.putRow(imednet.Queries, when, id, withMember(raw, "queryComments", append(closed, ']')))
}

// setRuleKeywords adds keywords to those of a record.
func (s *Study) setRuleKeywords(when commit, recordID int64, keywords []string) {
	raw, ok := s.tables[imednet.Records].latest(recordID)
	rec, err := imednet.Decode[imednet.Record](raw)
	if !ok || err != nil || len(keywords) == 0 {
		return
	}
	for n, keyword := range keywords {
		if !slices.ContainsFunc(rec.Keywords, func(k imednet.Keyword) bool { return k.KeywordKey.Or("") == keyword }) {
			rec.Keywords = append(rec.Keywords, imednet.Keyword{KeywordName: imednet.Some(keyword), KeywordKey: imednet.Some(keyword),
				KeywordID: imednet.Some(int64(900 + n)), DateAdded: imednet.Some(imednet.NewTime(s.now))})
		}
	}
	encoded, err := json.Marshal(rec.Keywords)
	if err == nil {
		s.putRow(imednet.Records, when, recordID, withMember(raw, "keywords", encoded))
	}
}
