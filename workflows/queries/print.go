package queries

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// String names the query by its id and shows none of its data.
func (e Entry) String() string { return fmt.Sprintf("Entry queryId=%d", e.QueryID) }

// LogValue returns what String returns.
func (e Entry) LogValue() slog.Value { return slog.StringValue(e.String()) }

// Format writes String, whatever the verb.
func (e Entry) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.String()) }
