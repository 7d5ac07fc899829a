package imednet

import "time"

// EditChecker runs the edit checks of a study's design over a record that is about to be saved at a
// moment; a record without an id is new. A Checker of package dictionary is one.
type EditChecker interface {
	CheckRecord(r *Record, at time.Time) RecordEffects
}

// RecordEffects is what edit checks do to a record that is saved, as far as the API can show it. It
// holds no answers.
type RecordEffects struct {
	Refusing  []string      // ids of the acting rules with a hard edit; the record is not saved if there are any
	Queries   []OpenedQuery // those that acting rules open
	Keywords  []string      // those that acting rules set on the record, each once
	Cleared   []string      // questions with an answer that rules clear, each once
	Quiet     []string      // ids of the rules that do not act
	Undecided []string      // ids of the rules that need more than the record
}

// OpenedQuery is a query that a rule opens.
type OpenedQuery struct {
	RuleID   string
	Question string
	Text     string
}
