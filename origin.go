package imednet

import (
	"context"
	"time"
)

// Origin identifies the state of a study from which something was made, such as tables or a profile.
// The zero value is the server's, which has no name and changes while it is read.
type Origin struct {
	// Version is the version of the mirror that was read.
	Version MirrorVersion `json:"version,omitempty"`
	// ServerTime is the newest server time (UTC) known to that version.
	ServerTime time.Time `json:"serverTime,omitzero"`
	// Cut is the name of the data cut that was read, if it was one.
	Cut string `json:"cut,omitempty"`
}

// IsZero reports whether the origin is the server.
func (o Origin) IsZero() bool { return o == Origin{} }

// OriginReader is a source that reads one state of a study. A view of the mirror
// (cache.View) implements it, a client of the server does not.
type OriginReader interface {
	Origin(ctx context.Context, studyKey string) (Origin, error)
}

// OriginOf returns the origin of what src lists of a study: the zero value if src is no
// [OriginReader].
func OriginOf(ctx context.Context, src any, studyKey string) (Origin, error) {
	if r, ok := src.(OriginReader); ok {
		return r.Origin(ctx, studyKey)
	}
	return Origin{}, nil
}
