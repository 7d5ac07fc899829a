package audit

import (
	"errors"
	"strconv"
	"strings"
)

// FormatHead writes a head as one line: its kind, its fields, the sequence and the hash, apart by
// blanks. Fields are quoted, so that they may hold blanks.
func FormatHead(kind string, sequence int64, hash string, fields ...string) string {
	parts := []string{kind}
	for _, f := range fields {
		parts = append(parts, strconv.QuoteToASCII(f))
	}
	if hash == "" {
		hash = "-"
	}
	return strings.Join(append(parts, strconv.FormatInt(sequence, 10), hash), " ")
}

// ParseHead reads a line that FormatHead wrote for the same kind, with as many fields as given.
func ParseHead(line, kind string, fields ...*string) (sequence int64, hash string, err error) {
	bad := errors.New("not the head of a log of the kind " + kind)
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), kind+" ")
	if !ok {
		return 0, "", bad
	}
	for _, f := range fields {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return 0, "", bad
		}
		if *f, err = strconv.Unquote(quoted); err != nil {
			return 0, "", bad
		}
		rest = strings.TrimPrefix(rest[len(quoted):], " ")
	}
	number, hash, ok := strings.Cut(rest, " ")
	sequence, err = strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || !ok || sequence < 0:
		return 0, "", bad
	case sequence == 0 && hash == "-":
		return 0, "", nil
	case sequence == 0 || !IsHash(hash):
		return 0, "", bad
	}
	return sequence, hash, nil
}
