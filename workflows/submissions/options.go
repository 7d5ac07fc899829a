package submissions

import (
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// The limits of one POST. The API documents none; these stay well below what gateways cut off.
const (
	DefaultSubmitItems = 200
	DefaultSubmitBytes = 4 << 20
)

// DefaultWindow is how long a record protects against another one with the same content.
const DefaultWindow = 24 * time.Hour

// Options are the settings of one submission.
type Options struct {
	// Wait follows every job to its end before the next batch is sent, and finds out what stands.
	Wait bool
	// Poll is how jobs are waited for. With Wait their results are always read.
	Poll imednet.PollOptions
	// EmailNotify is told by the server when a job ends: an e-mail address, "true" or "false".
	EmailNotify string
	// MaxItems and MaxBytes cut a large submission into batches; default DefaultSubmitItems and
	// DefaultSubmitBytes.
	MaxItems int
	MaxBytes int
	// Window is how long a record of the journal protects against another one with the same content;
	// default DefaultWindow, negative never. Equal intent keys protect for ever.
	Window time.Duration
	// AllowRepeat says that records which were submitted before are meant a second time. Records
	// whose outcome is not known yet are refused all the same.
	AllowRepeat bool
	// Source says where the records come from, such as the name of a file. The journal keeps it.
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
	if problem := emailProblem(o.EmailNotify); problem != "" {
		return o, argument.Invalid(function, "opts.EmailNotify", problem)
	}
	return o, nil
}

// emailProblem guards the header x-email-notify against what would break out of it.
func emailProblem(s string) string {
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		return "must be printable ASCII without line breaks"
	case s != "" && s != "true" && s != "false" && !strings.Contains(s, "@"):
		return `must be an e-mail address, "true" or "false"`
	}
	return ""
}
