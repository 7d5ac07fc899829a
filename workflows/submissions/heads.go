package submissions

import (
	"context"

	"github.com/imednetgo/imednet"
)

// HeadVerifier is a [Journal] whose heads can be kept elsewhere by package heads. The journals of
// package sqlitejournal and of package postgres are.
type HeadVerifier interface {
	// Head returns the end of the history, as Verify does, without reading the rest.
	Head(ctx context.Context) (string, error)
	// VerifyHeads is Verify, and demands that the history contains the entry of every kept head. A
	// fault names the head.
	VerifyHeads(ctx context.Context, head string, kept []imednet.KeptHead) (Verification, error)
}
