package versioning

import (
	"fmt"
	"iter"
	"strconv"
)

// gapBefore says what is missing between an entry and the one before it, "" for nothing. Before the first entry there is
// one of sequence 0 without a hash.
func gapBefore(sequence int64, parent string, before int64, hash string) string {
	switch {
	case sequence != before+1:
		return fmt.Sprintf("the entries before it are missing, from %d on", before+1)
	case parent != hash:
		return "does not follow the entry before it"
	}
	return ""
}

// follows gives an entry that does not follow the one before it a fault, unless it has one.
func (e *Entry) follows(before *Entry) {
	if gap := gapBefore(e.Sequence, e.ParentHash, before.Sequence, before.Hash); gap != "" && e.Fault == nil {
		e.Fault = wrap("read entry "+strconv.FormatInt(e.Sequence, 10), e.StudyKey, e.CommitID, refuse(ErrIntegrity, gap))
	}
}

// oldestFirst holds each entry against the one that was yielded before it. What the caller had already is known by its
// sequence alone.
func oldestFirst(entries iter.Seq2[Entry, error], had int64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		last, first := Entry{Sequence: had}, true
		for e, err := range entries {
			if err == nil {
				if first && had > 0 {
					last.Hash = e.ParentHash
				}
				e.follows(&last)
				last, first = e, false
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// newestFirst yields an entry when it knows the one before it.
func newestFirst(entries iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var held *Entry
		for e, err := range entries {
			if err != nil {
				if held == nil || yield(*held, nil) {
					yield(Entry{}, err)
				}
				return
			}
			if held != nil {
				held.follows(&e)
				if !yield(*held, nil) {
					return
				}
			}
			held = &e
		}
		if held != nil {
			held.follows(&Entry{})
			yield(*held, nil)
		}
	}
}
