package submissions

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/wire"
)

// The default limits of one POST. The API documents none; these are well below the limits of
// gateways.
const (
	DefaultSubmitItems = 200
	DefaultSubmitBytes = 4 << 20
)

// DefaultWindow is the default of [Options.Window].
const DefaultWindow = 24 * time.Hour

// Options configures one submission.
type Options struct {
	// Wait waits for every job before the next batch is sent, and determines which records were
	// stored. While another process is sending the same records it waits for that process, for as long
	// as Poll.Timeout says; a *[ConflictError] then tells what came of them.
	Wait bool
	// Poll configures the wait for jobs. With Wait their results are always read.
	Poll imednet.PollOptions
	// EmailNotify is the e-mail address that the server notifies when a job ends; "" notifies no one.
	EmailNotify string
	// MaxItems and MaxBytes limit the batches of a large submission; the defaults are
	// [DefaultSubmitItems] and [DefaultSubmitBytes].
	MaxItems int
	MaxBytes int
	// Window is how long a record in the journal protects against another one with the same
	// content; the default is [DefaultWindow], and a negative value means never. Equal intent keys
	// always protect.
	Window time.Duration
	// AllowRepeat states that records which were submitted before are intended a second time.
	// Records whose outcome is not yet known are still refused.
	AllowRepeat bool
	// Source names the origin of the records, such as a file, for the journal.
	Source string
}

func (o Options) withDefaults(function string) (Options, error) {
	if o.MaxItems < 0 || o.MaxBytes < 0 {
		return o, argument.Invalid(function, "opts", "a limit of a batch is negative")
	}
	if o.MaxItems == 0 {
		o.MaxItems = DefaultSubmitItems
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultSubmitBytes
	}
	if o.Window == 0 {
		o.Window = DefaultWindow
	}
	if problem := wire.EmailProblem(o.EmailNotify); problem != "" {
		return o, argument.Invalid(function, "opts.EmailNotify", problem)
	}
	return o, nil
}
