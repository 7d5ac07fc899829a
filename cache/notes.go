package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// notes are what the runs of a study leave to the next one and to Status.
type notes struct {
	turn    int64                 // the record id after which the block begins that is to be compared next
	version imednet.MirrorVersion // of the mirror when they were made
	read    map[imednet.Resource]time.Time
}

// versionNote names the version among the lines, beside the names of resources.
const versionNote = "version"

// readNotes returns the notes of a study. Those that are gone or cannot be understood are none: the
// comparison starts over.
func (l *CachedRecordsLoader) readNotes(ctx context.Context, studyKey string) (notes, error) {
	text, err := l.db.readNotes(ctx, studyKey)
	return parseNotes(text), err
}

func parseNotes(text string) notes {
	first, rest, _ := strings.Cut(text, "\n")
	n := notes{read: map[imednet.Resource]time.Time{}}
	if after, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64); err == nil && after > 0 {
		n.turn = after
	}
	for line := range strings.Lines(rest) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		value, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil:
		case name == versionNote:
			n.version = imednet.MirrorVersion(value)
		default:
			n.read[imednet.Resource(name)] = time.UnixMicro(value).UTC()
		}
	}
	return n
}

func (n *notes) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n%s %d\n", n.turn, versionNote, n.version)
	for _, name := range slices.Sorted(maps.Keys(n.read)) {
		fmt.Fprintf(&b, "%s %d\n", name, n.read[name].UnixMicro())
	}
	return b.String()
}

// note changes the notes of a study. The caller holds the study.
func (l *CachedRecordsLoader) note(ctx context.Context, studyKey string, change func(*notes)) error {
	n, err := l.readNotes(ctx, studyKey)
	if err != nil {
		return err
	}
	change(&n)
	return l.db.writeNotes(ctx, studyKey, n.text())
}

// lastRead says when each resource was last read to its end. Notes of a later version than the mirror has
// are those of another file that stood here, and notes that this user may not read are none.
func (l *CachedRecordsLoader) lastRead(ctx context.Context, studyKey string, version imednet.MirrorVersion) (map[imednet.Resource]time.Time, error) {
	n, err := l.readNotes(ctx, studyKey)
	if errors.Is(err, fs.ErrPermission) || n.version > version {
		return map[imednet.Resource]time.Time{}, nil
	}
	return n.read, err
}
